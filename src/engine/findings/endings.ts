import type { Configuration } from '../../documents/configuration.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import { dayMs, late, mustActMs, warnMs } from '../../model/certificates/deadline.ts';
import { lifeMs } from '../../model/certificates/longest-life.ts';
import { learnedShare } from '../../model/certificates/schedule.ts';
import type { Succession } from '../known/succession.ts';

type Lasting = Pick<Certificate, 'thumbprint' | 'notBefore' | 'notAfter' | 'commonName' | 'dnsNames' | 'ipAddresses'>;

export type Endings = ReturnType<typeof endingsOf>;

/**
 * What counts as the end of a certificate being near, at the time of a look.
 * @param withinDays asked for by a person, whatever the lifetimes; `null` for the policy's own deadline
 */
export function endingsOf(
  { takenAt }: Pick<Snapshot, 'takenAt'>,
  { sharesBefore }: Pick<Succession, 'sharesBefore'>,
  { deadline }: Pick<Configuration, 'deadline'>,
  withinDays: number | null = null,
) {
  const now = Date.parse(takenAt);
  const left = ({ notAfter }: Lasting) => Date.parse(notAfter) - now;
  const warning = (one: Lasting) =>
    withinDays === null ? warnMs(one, deadline, learnedShare(sharesBefore(one.thumbprint))) : withinDays * dayMs;
  // What renews by itself on the last day is no error the day before.
  const acting = (one: Lasting) => Math.min(warning(one), mustActMs(one, deadline));
  /** How long before its end the renewal would come if it left the same part of a life as the last one; `null`: not known. */
  const usualMs = (one: Lasting) => {
    const [last = 0] = sharesBefore(one.thumbprint);
    return last > 0 ? last * lifeMs(one) : null;
  };
  return {
    usualMs,
    /** Whether people are warned of it, unless something has renewed it. */
    isNear: (certificate: Lasting) => left(certificate) <= warning(certificate),
    /** Whether it is an error that nothing has. */
    mustAct: (certificate: Lasting) => left(certificate) <= acting(certificate),
    /** How long before its end each of these begins, in milliseconds. */
    warnMs: warning,
    mustActMs: acting,
    /** Whether its renewal is later than the last one was. */
    isLate: (certificate: Lasting) => left(certificate) < late * (usualMs(certificate) ?? 0),
  };
}
