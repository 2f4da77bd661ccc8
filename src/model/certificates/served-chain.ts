import type { Certificate } from './certificate.ts';
import type { Handshake, SentChain } from './handshake.ts';

/** `broken`: an intermediate is missing, and a client that does not have it by chance cannot trust the server. */
export type ChainState = 'whole' | 'broken' | 'unknown';

type Named = Pick<Certificate, 'thumbprint' | 'subject' | 'issuer'>;

/** What of the certificates sent with a certificate leads up from it, in whatever order they came. */
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
 * Whether a client that has the root alone can build the chain (fidelity: served-chain). Broken is only what is known to
 * be: the chain ends below an intermediate of the stores, or nothing is sent and no store has the issuer.
 * @param stored the served certificate as it lies in a store; undefined when it lies in none
 */
export function chainState({ sent }: Pick<Handshake, 'sent'>, stored: Certificate | undefined): ChainState {
  if (sent === undefined) return 'unknown';
  const { issuers, upTo } = sent;
  if (upTo === null) return 'whole';
  if (stored?.intermediates?.includes(upTo) === true) return 'broken';
  if (issuers.length > 0) return 'whole';
  switch (stored?.chain) {
    case 'complete':
      return stored.intermediates === undefined ? 'unknown' : 'whole';
    case 'incomplete':
      return 'broken';
    case 'unknown':
    case undefined:
      return 'unknown';
  }
}
