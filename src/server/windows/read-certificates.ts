import { X509Certificate } from 'node:crypto';
import { type Certificate, parseCertificate } from '../../model/certificate.ts';
import { CertRebindError } from '../../model/errors.ts';
import type { Unreadable } from '../../model/snapshot.ts';
import { toThumbprint } from '../../model/thumbprint.ts';
import type { Parts } from './parts.ts';
import type { Row } from './rows.ts';

/** The certificates of both stores; one that cannot be read is passed over and named. */
export function certificatesFrom(parts: Parts): {
  readonly certificates: readonly Certificate[];
  readonly unreadable: readonly Unreadable[];
} {
  const keys = new Map(parts.rows('key').map((row) => [`${row[0]} ${row[1]}`, row]));
  const chains = chainsFrom(parts.rows('authority'));
  const certificates: Certificate[] = [];
  const unreadable: Unreadable[] = [];
  for (const [store = '', thumbprint = '', der = '', archived, friendlyName = '', hasKey, successor = ''] of parts.rows(
    'certificate',
  )) {
    try {
      const bytes = Buffer.from(der, 'base64');
      const properties = {
        store,
        ...keyState(hasKey === 'True', keys.get(`${store} ${thumbprint}`)),
        archived: archived === 'True',
        renewedTo: toThumbprint(successor),
        friendlyName: friendlyName === '' ? null : friendlyName,
      };
      const certificate = parseCertificate(bytes, properties);
      certificates.push({ ...certificate, chain: chains(bytes) });
    } catch (error) {
      if (!(error instanceof CertRebindError)) throw error;
      unreadable.push({ where: `store ${store}`, text: thumbprint, why: error.message });
    }
  }
  return { certificates, unreadable };
}

/** Only SYSTEM asks whether a key opens (fidelity: key-as-system); without an answer nothing is known. */
function keyState(hasKey: boolean, opened: Row | undefined): Pick<Certificate, 'key' | 'keyReason'> {
  if (!hasKey) return { key: 'missing' };
  const [, , state, keyReason = ''] = opened ?? [];
  switch (state) {
    case 'usable':
      return { key: 'usable' };
    case 'unusable':
    case 'unknown':
      return { key: state, ...(keyReason === '' ? {} : { keyReason }) };
    default:
      return { key: 'unknown' };
  }
}

/**
 * Whether the issuers of a certificate are on this server. A chain that breaks above the issuer stays unknown: roots
 * are fetched by Windows when they are first needed, so a missing one proves nothing.
 */
function chainsFrom(authorityRows: readonly Row[]): (der: Buffer) => Certificate['chain'] {
  const bySubject = new Map<string, X509Certificate[]>();
  for (const [der = ''] of authorityRows) {
    const authority = readQuietly(Buffer.from(der, 'base64'));
    if (authority === null) continue;
    bySubject.set(authority.subject, [...(bySubject.get(authority.subject) ?? []), authority]);
  }
  return (der) => {
    if (bySubject.size === 0) return 'unknown';
    let current = readQuietly(der);
    for (let height = 0; current !== null && height < 10; height += 1) {
      if (current.subject === current.issuer) return 'complete';
      const below: X509Certificate = current;
      current = bySubject.get(below.issuer)?.find((authority) => below.checkIssued(authority)) ?? null;
      if (current === null && height === 0) return 'incomplete';
    }
    return 'unknown';
  };
}

function readQuietly(der: Buffer): X509Certificate | null {
  try {
    return new X509Certificate(der);
  } catch {
    return null;
  }
}
