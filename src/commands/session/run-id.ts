import { randomBytes } from 'node:crypto';

/** The name of a run: its start in UTC to the millisecond, so that names sort by time, and something nobody else has. */
export function newRunId(now: Date = new Date()): string {
  const [date = '', time = ''] = now.toISOString().split('T');
  return `${date.replaceAll('-', '')}-${time.replace(/[:.Z]/g, '')}-${randomBytes(2).toString('hex')}`;
}
