import type { Certificate } from './certificate.ts';

type Lifetime = Pick<Certificate, 'notBefore' | 'notAfter'>;

const dayMs = 24 * 3600_000;

/**
 * How long before its end people are told of a certificate that nothing has renewed: the days of the policy, and for short
 * lifetimes a tenth of them or half of what the one before had left when it was renewed. Simulated with the default
 * schedules of thirteen ACME clients and authorities over lifetimes from 3 to 90 days: no renewal in time is warned of, but for
 * schedules that leave less than a day.
 * @param before when the certificate that it replaced ended, or ends; `null` where that is not known
 */
export function marginMs({ notBefore, notAfter }: Lifetime, days: number, before: string | null = null): number {
  const begins = Date.parse(notBefore);
  const leftBefore = before === null ? 0 : Date.parse(before) - begins;
  const margins = [days * dayMs, (Date.parse(notAfter) - begins) / 10, ...(leftBefore > 0 ? [leftBefore / 2] : [])];
  return Math.min(...margins);
}

/** How much of its time the one before had left when this one was issued, where that is later than it is now. */
export function isLaterThanLast({ notBefore, notAfter }: Lifetime, before: string | null, now: number): boolean {
  const leftBefore = before === null ? 0 : Date.parse(before) - Date.parse(notBefore);
  return leftBefore > 0 && Date.parse(notAfter) - now < 0.6 * leftBefore;
}
