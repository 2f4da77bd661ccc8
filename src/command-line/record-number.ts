import { CertRebindError } from '../text/errors.ts';

/**
 * The number of the event, which follows the arguments that a task starts with; `null` if the task had none, and then
 * every pending renewal is taken.
 */
export function recordNumber(words: readonly string[]): number | null | 'refused' {
  const [option, value = '', ...rest] = words;
  if (option === undefined) return null;
  if (option !== '--record' || rest.length > 0) return 'refused';
  if (value === '' || /^\$\([A-Za-z]{1,40}\)$/.test(value)) return null;
  return recordNumberText.test(value) ? Number(value) : 'refused';
}

/** What `--record` says. @throws CertRebindError `usage` */
export function parseRecordNumber(text: string): number {
  if (recordNumberText.test(text)) return Number(text);
  throw new CertRebindError('usage', {
    message: `${JSON.stringify(text.slice(0, 60))} is not the record number of an event.`,
    where: '--record',
  });
}

/** No more digits than a number holds exactly. */
const recordNumberText = /^\d{1,15}$/;
