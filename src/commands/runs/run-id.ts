import { randomBytes } from 'node:crypto';

/**
 * The name of a run: its start in UTC to the millisecond, and a random part. It shows people when a run began by the
 * clock of that time; the state folder knows the order of runs.
 */
export function newRunId(now: Date): string {
  const [date = '', time = ''] = now.toISOString().split('T');
  return `${date.replaceAll('-', '')}-${time.replace(/[:.Z]/g, '')}-${randomBytes(2).toString('hex')}`;
}
