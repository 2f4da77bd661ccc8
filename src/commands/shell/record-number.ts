import { CertRebindError } from '../../model/errors.ts';

/** What stands behind the words that a task starts with: the number of the event; `null` when the task had none to give, and then whatever is pending is taken. */
export function recordNumber(words: readonly string[]): number | null | 'refused' {
  const [option, value = '', ...rest] = words;
  if (option === undefined) return null;
  if (option !== '--record' || rest.length > 0) return 'refused';
  if (value === '' || /^\$\([A-Za-z]{1,40}\)$/.test(value)) return null;
  return /^\d{1,15}$/.test(value) ? Number(value) : 'refused';
}

const longestNumber = 15;

/** @throws CertRebindError `usage` */
export function parseRecordNumber(text: string, where: string): number {
  if (/^\d+$/.test(text) && text.length <= longestNumber) return Number(text);
  throw new CertRebindError('usage', {
    message: `${JSON.stringify(text.slice(0, 60))} is not the record number of an event.`,
    where,
  });
}
