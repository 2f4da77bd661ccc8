import { CertRebindError } from '../../model/text/errors.ts';

/**
 * What stands behind the words that a task starts with: the number of the event; `null` when the task had none to give,
 * and then whatever is pending is taken.
 */
export function recordNumber(words: readonly string[]): number | null | 'refused' {
  const [option, value = '', ...rest] = words;
  if (option === undefined) return null;
  if (option !== '--record' || rest.length > 0) return 'refused';
  if (value === '' || /^\$\([A-Za-z]{1,40}\)$/.test(value)) return null;
  return recordNumberText.test(value) ? Number(value) : 'refused';
}

/** @throws CertRebindError `usage` */
export function parseRecordNumber(text: string, where: string): number {
  if (recordNumberText.test(text)) return Number(text);
  throw new CertRebindError('usage', {
    message: `${JSON.stringify(text.slice(0, 60))} is not the record number of an event.`,
    where,
  });
}

/** No more digits than a number holds exactly. */
const recordNumberText = /^\d{1,15}$/;
