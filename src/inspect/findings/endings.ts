import type { Certificate } from '../../certificates/certificate.ts';
import { dayMs, isLaterThanLast, marginMs } from '../../certificates/deadline.ts';
import type { Renewal } from '../../certificates/renewal.ts';
import type { Thumbprint } from '../../certificates/thumbprint.ts';
import type { Configuration } from '../../documents/configuration.ts';
import type { Snapshot } from '../../holders/snapshot.ts';

type Lasting = Pick<Certificate, 'thumbprint' | 'notBefore' | 'notAfter' | 'commonName' | 'dnsNames' | 'ipAddresses'>;

/** What counts as the end of a certificate being near, at the time of a look. */
export interface Endings {
  readonly isNear: (certificate: Lasting) => boolean;
  /** It is near, and in the next six days. */
  readonly isVeryNear: (certificate: Lasting) => boolean;
  /** How long before its end it is near, in milliseconds. */
  readonly margin: (certificate: Lasting) => number;
  /** Whether its renewal is later than that of the one before was. */
  readonly isLate: (certificate: Lasting) => boolean;
  /** When the one before ends, where that is known. */
  readonly before: (certificate: Pick<Lasting, 'thumbprint'>) => string | null;
}

/** @param withinDays asked for by a person, whatever the lifetimes; `null` for the policy's own deadline */
export function endingsOf(
  { takenAt, certificates }: Pick<Snapshot, 'takenAt' | 'certificates'>,
  renewals: readonly Renewal[],
  { deadline }: Pick<Configuration, 'deadline'>,
  withinDays: number | null = null,
): Endings {
  const now = Date.parse(takenAt);
  const known = new Map(certificates.map((certificate) => [certificate.thumbprint, certificate]));
  const ofPredecessor = new Map<Thumbprint, string>();
  for (const renewal of renewals) {
    const [old, successor] = [known.get(renewal.old), known.get(renewal.new)];
    if (old === undefined || successor === undefined || old.notBefore >= successor.notBefore) continue;
    const latest = ofPredecessor.get(renewal.new);
    if (latest === undefined || latest < old.notAfter) ofPredecessor.set(renewal.new, old.notAfter);
  }
  const before = ({ thumbprint }: Pick<Lasting, 'thumbprint'>) => ofPredecessor.get(thumbprint) ?? null;
  const margin = (certificate: Lasting) =>
    withinDays === null ? marginMs(certificate, deadline, before(certificate)) : withinDays * dayMs;
  const left = ({ notAfter }: Lasting) => Date.parse(notAfter) - now;
  return {
    before,
    margin,
    isNear: (certificate) => left(certificate) <= margin(certificate),
    isVeryNear: (certificate) => left(certificate) <= Math.min(margin(certificate), 6 * dayMs),
    isLate: (certificate) => isLaterThanLast(certificate, before(certificate), now),
  };
}
