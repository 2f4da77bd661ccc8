import { CertRebindError } from '../text/errors.ts';

const mostDays = 3650;

/** What `--days` says. @throws CertRebindError `usage` */
export function parseDays(text: string): number {
  const days = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (days <= mostDays) return days;
  throw new CertRebindError('usage', {
    message: `--days takes a number of days from 0 to ${mostDays}, not ${JSON.stringify(text.slice(0, 40))}.`,
    where: '--days',
  });
}
