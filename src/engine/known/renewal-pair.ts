import { append } from '../../base/group.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import type { Renewal } from '../../model/certificates/renewal.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import type { Anchor, Vouched } from '../../model/certificates/trust.ts';

/** A renewal with its certificates, as far as they are on this server. */
export interface RenewalPair {
  readonly renewal: Renewal;
  /** `null` if the old certificate is no longer in any store. */
  readonly old: Certificate | null;
  /** The new certificate in each store that has it, the best of each first (see `byFitness`); may be empty. */
  readonly successors: readonly Certificate[];
  /** The best of them; `null` if it is in no store. */
  readonly successor: Certificate | null;
  /** Whether the new certificate ends before the old one; false if one of them is unknown. */
  readonly endsEarlier: boolean;
  /** Who vouches for the authorities of the old one, and for the new one; `unknown` for one that is not here. */
  readonly anchors: { readonly old: Anchor; readonly new: Anchor };
  /** The name of the authority that signed the new one, where that is known; `null` otherwise. */
  readonly signer: string | null;
}

export type CertificatesByThumbprint = ReadonlyMap<Thumbprint, readonly Certificate[]>;

/** All store entries by thumbprint, the fittest first, whatever order the stores were read in. */
export function certificatesByThumbprint(certificates: readonly Certificate[]): CertificatesByThumbprint {
  const byThumbprint = new Map<Thumbprint, [Certificate, ...Certificate[]]>();
  for (const certificate of certificates) append(byThumbprint, certificate.thumbprint, certificate);
  for (const list of byThumbprint.values()) list.sort(byFitness);
  return byThumbprint;
}

/** @param vouchedFor see `evaluateTrust` */
export function toPair(
  renewal: Renewal,
  certificates: CertificatesByThumbprint,
  vouchedFor: (certificate: Certificate) => Vouched,
): RenewalPair {
  const old = certificates.get(renewal.old)?.[0] ?? null;
  const successors = certificates.get(renewal.new) ?? [];
  const [successor = null] = successors;
  const endsEarlier = old !== null && successor !== null && Date.parse(successor.notAfter) < Date.parse(old.notAfter);
  const [before, after] = [old, successor].map((one) => (one === null ? null : vouchedFor(one)));
  return {
    renewal,
    old,
    successors,
    successor,
    endsEarlier,
    anchors: { old: before?.ofAuthorities ?? 'unknown', new: after?.anchor ?? 'unknown' },
    signer: after?.issuers[0]?.subject ?? null,
  };
}

/**
 * The store entry a record should use: a key that can be opened before one that cannot, then the record's own store, so
 * that a replacement only changes the store if there is no working key otherwise.
 */
export function entryFor(store: string, successors: readonly Certificate[]): Certificate | null {
  const [first] = successors;
  if (first === undefined) return null;
  const inOwnStore = successors.find((certificate) => sameStore(certificate.store, store));
  return inOwnStore !== undefined && keyRank(inOwnStore) === keyRank(first) ? inOwnStore : first;
}

/**
 * Store names are compared without regard to case: the same store is written `MY`, `My` and `my`.
 */
export function sameStore(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Only these two stores are read; nothing is known about certificates in another one. */
export function isReadStore(store: string): boolean {
  return ['my', 'webhosting'].includes(store.toLowerCase());
}

function byFitness(a: Certificate, b: Certificate): number {
  return keyRank(a) - keyRank(b) || Number(a.archived) - Number(b.archived) || (a.store < b.store ? -1 : 1);
}

/** A key whose state cannot be determined here may well be usable, so it ranks with the usable ones. */
function keyRank({ key }: Certificate): number {
  switch (key) {
    case 'usable':
    case 'unknown':
      return 0;
    case 'unusable':
      return 1;
    case 'missing':
      return 2;
  }
}
