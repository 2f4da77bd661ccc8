import type { Certificate } from '../../certificates/certificate.ts';
import { dayMs, isLaterThanLast, marginMs } from '../../certificates/deadline.ts';
import type { Configuration } from '../../documents/configuration.ts';
import type { Snapshot } from '../../holders/snapshot.ts';
import type { Succession } from '../../plan/succession.ts';

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
  { takenAt }: Pick<Snapshot, 'takenAt'>,
  { predecessorOf }: Pick<Succession, 'predecessorOf'>,
  { deadline }: Pick<Configuration, 'deadline'>,
  withinDays: number | null = null,
): Endings {
  const now = Date.parse(takenAt);
  const before = ({ thumbprint }: Pick<Lasting, 'thumbprint'>) =>
    predecessorOf(thumbprint)?.certificate?.notAfter ?? null;
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
