import type { Objection } from '../../documents/runs/plan.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import { momentText } from '../../model/certificates/named-certificate.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { isReadStore, type RenewalPair, sameStore } from './renewal-pair.ts';

/** A certificate that somebody wants to set. */
export interface ToSet {
  readonly which: 'new' | 'old';
  readonly thumbprint: Thumbprint;
  /** As the place would use it; `null` if it is not where the place takes it from. */
  readonly entry: Certificate | null;
  /** The same, or as another store has it; `null` if none has. */
  readonly found: Certificate | null;
  /** The only stores that the place takes certificates from; `null` for any. */
  readonly stores: readonly string[] | null;
  readonly asOf: number;
}

/** Why a certificate cannot be used at any place: the faults in the order in which a place names them, `null` for each that it does not have. */
export function certificateFaults({ which, thumbprint, entry, found, stores, asOf }: ToSet) {
  const called = `The ${which} certificate ${thumbprint}`;
  const why = entry?.keyReason === undefined ? '' : `: ${entry.keyReason}`;
  const shut = `SYSTEM cannot open the private key of ${thumbprint} in ${entry?.store}${why}.`.replace(/\.\.$/, '.');
  const isElsewhere = entry === null && found !== null && stores !== null;
  const isOver = found !== null && Date.parse(found.notAfter) <= asOf;
  const isEarly = found !== null && Date.parse(found.notBefore) > asOf;
  return {
    'certificate-missing': found === null ? `${called} is not in My or WebHosting.` : null,
    'wrong-store': isElsewhere ? `${called} is in ${found.store}, and has to be in ${stores.join(' or ')}.` : null,
    'key-missing': entry?.key === 'missing' ? `${called} in ${entry.store} has no private key.` : null,
    'key-unusable': entry?.key === 'unusable' ? shut : null,
    expired: isOver ? `${called} expired at ${momentText(found.notAfter)}.` : null,
    'not-yet-valid': isEarly ? `${called} is valid from ${momentText(found.notBefore)}.` : null,
  };
}

export type CertificateFault = keyof ReturnType<typeof certificateFaults>;

export function faultObstacle(code: CertificateFault, text: string, certificate: Certificate | null): Objection {
  return code === 'not-yet-valid' ? { code, text, until: certificate?.notBefore ?? null } : { code, text };
}

/** The same by code, where only this store is read; any, if it is empty. */
export function faultsIn(
  store: string,
  { entries, ...one }: Pick<ToSet, 'which' | 'thumbprint' | 'asOf'> & { readonly entries: readonly Certificate[] },
): readonly (readonly [CertificateFault, string | null])[] {
  const [first = null] = entries;
  const entry = entries.find((each) => sameStore(each.store, store)) ?? (isReadStore(store) ? null : first);
  const faults = certificateFaults({ ...one, entry, found: entry ?? first, stores: [store] });
  return Object.entries(faults) as [CertificateFault, string | null][];
}

/** The first that is against the new certificate of a renewal; `null` for nothing. */
export function whySuccessorUnfit(
  { renewal, successors }: Pick<RenewalPair, 'renewal' | 'successors'>,
  store: string,
  asOf: number,
): string | null {
  const faults = faultsIn(store, { which: 'new', thumbprint: renewal.new, entries: successors, asOf });
  return faults.find(([, text]) => text !== null)?.[1] ?? null;
}
