import type { Certificate } from './certificate.ts';
import { certificateNames } from './host-name.ts';

type Lifetime = Pick<Certificate, 'notBefore' | 'notAfter'>;
type Lasting = Lifetime & Pick<Certificate, 'commonName' | 'dnsNames' | 'ipAddresses'>;

/** From when on the end of a certificate is near. */
export interface Deadline {
  /** Days before its end; less where the lifetime is short. */
  readonly days: number;
  /** The same for certificates with one of these names, exactly so. */
  readonly names: Readonly<Record<string, number>>;
}

export const dayMs = 24 * 3600_000;

/**
 * How long before its end people are told of a certificate that nothing has renewed: the days of the policy, and for short
 * lifetimes a tenth of them or half of what the one before had left when it was renewed. Simulated with the default
 * schedules of thirteen ACME clients and authorities over lifetimes from 3 to 90 days: no renewal in time is warned of, but for
 * schedules that leave less than a day; for these the policy has days by name.
 * @param before when the certificate that it replaced ended, or ends; `null` where that is not known
 */
export function marginMs(certificate: Lasting, { days, names }: Deadline, before: string | null = null): number {
  const byName = certificateNames(certificate).flatMap((name) => names[name] ?? []);
  if (byName.length > 0) return Math.min(...byName) * dayMs;
  const begins = Date.parse(certificate.notBefore);
  const leftBefore = before === null ? 0 : Date.parse(before) - begins;
  const lifetime = Date.parse(certificate.notAfter) - begins;
  return Math.min(days * dayMs, lifetime / 10, ...(leftBefore > 0 ? [leftBefore / 2] : []));
}

/** How much of its time the one before had left when this one was issued, where that is later than it is now. */
export function isLaterThanLast({ notBefore, notAfter }: Lifetime, before: string | null, now: number): boolean {
  const leftBefore = before === null ? 0 : Date.parse(before) - Date.parse(notBefore);
  return leftBefore > 0 && Date.parse(notAfter) - now < 0.6 * leftBefore;
}
