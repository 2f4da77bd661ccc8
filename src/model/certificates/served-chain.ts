import type { Certificate } from './certificate.ts';
import type { Handshake, SentChain } from './handshake.ts';

/** `broken`: an intermediate is missing, and a client that does not happen to have it cannot trust the server. */
export type ChainState = 'whole' | 'broken' | 'unknown';

type Named = Pick<Certificate, 'thumbprint' | 'subject' | 'issuer'>;

/** The certificates sent with a certificate that lead up from it, in any order they came in. */
export function sentChain(certificate: Named, sent: readonly Named[]): SentChain {
  const issuers: Named[] = [];
  let top = certificate;
  while (top.subject !== top.issuer) {
    const next = sent.find((one) => one.subject === top.issuer && !issuers.includes(one));
    if (next === undefined) return { issuers: issuers.map(({ thumbprint }) => thumbprint), upTo: top.issuer };
    issuers.push(next);
    top = next;
  }
  return { issuers: issuers.map(({ thumbprint }) => thumbprint), upTo: null };
}

/**
 * Whether a client that only has the root can build the chain (fidelity: served-chain). Broken is only what is certain:
 * the chain ends below an intermediate of the stores, or nothing is sent and no store has the issuer.
 * @param stored the served certificate as in a store; undefined when it is in none
 */
export function chainState({ sent }: Pick<Handshake, 'sent'>, stored: Certificate | undefined): ChainState {
  if (sent === undefined) return 'unknown';
  const { issuers, upTo } = sent;
  if (upTo === null) return 'whole';
  if (stored?.intermediates?.includes(upTo) === true) return 'broken';
  if (issuers.length > 0) return 'whole';
  if (stored?.chain === 'incomplete') return 'broken';
  return stored?.chain === 'complete' && stored.intermediates !== undefined ? 'whole' : 'unknown';
}
