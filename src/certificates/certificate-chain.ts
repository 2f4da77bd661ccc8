import { X509Certificate } from 'node:crypto';
import { type Certificate, distinguishedName } from './certificate.ts';

/** What these authorities say about a certificate; the root at its end does not count as an intermediate. */
export type Chain = Pick<Certificate, 'chain' | 'intermediates'>;

const highestChain = 10;

/**
 * Builds chains from the certificates of the stores CA and Root (DER), fetching nothing. A chain that breaks above the
 * issuer stays unknown: Windows fetches roots when they are first needed, so a missing one proves nothing.
 */
export function chainBuilder(authorities: readonly Uint8Array[]): (der: Uint8Array) => Chain {
  const bySubject = new Map<string, X509Certificate[]>();
  for (const authority of authorities) {
    const certificate = readQuietly(authority);
    if (certificate === null) continue;
    const known = bySubject.get(certificate.subject) ?? [];
    // Of two with one name the root ends the chain sooner, as it does for clients.
    bySubject.set(certificate.subject, isRoot(certificate) ? [certificate, ...known] : [...known, certificate]);
  }
  return (der) => {
    const intermediates: string[] = [];
    let current = bySubject.size === 0 ? null : readQuietly(der);
    while (current !== null && intermediates.length < highestChain) {
      if (isRoot(current)) return { chain: 'complete', intermediates };
      const below: X509Certificate = current;
      current = bySubject.get(below.issuer)?.find((authority) => below.checkIssued(authority)) ?? null;
      if (current === null) return { chain: intermediates.length === 0 ? 'incomplete' : 'unknown', intermediates };
      if (!isRoot(current)) intermediates.push(distinguishedName(current.subject));
    }
    return { chain: 'unknown', intermediates };
  };
}

function isRoot({ subject, issuer }: X509Certificate): boolean {
  return subject === issuer;
}

function readQuietly(der: Uint8Array): X509Certificate | null {
  try {
    return new X509Certificate(der);
  } catch {
    return null;
  }
}
