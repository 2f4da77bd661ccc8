import type { Certificate } from './certificate.ts';
import { certificateNames } from './host-name.ts';
import { lifeMs } from './longest-life.ts';

type Lasting = Pick<Certificate, 'notBefore' | 'notAfter' | 'commonName' | 'dnsNames' | 'ipAddresses'>;

/** What a person set for the time before the end of a certificate. */
export interface Deadline {
  /** Days before its end; absent where nobody set them. */
  readonly days?: number;
  /** The same for certificates with one of these names, exactly so. */
  readonly names: Readonly<Record<string, number>>;
}

export const dayMs = 24 * 3600_000;

/**
 * How long before its end a certificate must be replaced: then its replacement waits for no window, and it is an error if
 * nothing is known to renew it.
 */
export function mustActMs(certificate: Lasting, { days = 7, names }: Deadline): number {
  return daysOfNames(certificate, names) ?? Math.min(7 * dayMs, days * dayMs, lifeMs(certificate) / 10);
}

/**
 * How long before its end people are warned of a certificate that nothing has renewed. Nothing else depends on it.
 * @param learned the part of a life that its renewals leave, where they come on a schedule (`learnedShare`)
 */
export function warnMs(certificate: Lasting, { days, names }: Deadline, learned: number | null): number {
  const life = lifeMs(certificate);
  const unset = Math.min(30 * dayMs, life / 6, ...(learned === null ? [] : [late * learned * life]));
  return daysOfNames(certificate, names) ?? (days === undefined ? unset : days * dayMs);
}

/** A renewal is late when no more than this part is left of what was left at others. */
export const late = 2 / 3;

function daysOfNames(certificate: Lasting, names: Deadline['names']): number | null {
  const found = certificateNames(certificate).flatMap((name) => names[name] ?? []);
  return found.length === 0 ? null : Math.min(...found) * dayMs;
}
