import { randomBytes } from 'node:crypto';

/** The name of a run: its start in UTC to the millisecond, and something nobody else has. It tells people when a run began by
 * the clock of then; which came first, the state folder knows. */
export function newRunId(now: Date = new Date()): string {
  const [date = '', time = ''] = now.toISOString().split('T');
  return `${date.replaceAll('-', '')}-${time.replace(/[:.Z]/g, '')}-${randomBytes(2).toString('hex')}`;
}
