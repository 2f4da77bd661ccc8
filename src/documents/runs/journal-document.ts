import type { ValidateFunction } from 'ajv';
import { describe, isObject, parseJson } from '../../base/document.ts';
import { wrongInput } from '../../base/errors.ts';
import { earlier } from '../earlier.ts';
import { validateJournalLine } from '../generated/validate-journal-line.js';
import type { JournalLine } from './journal.ts';

const isJournalLine = validateJournalLine as ValidateFunction<JournalLine>;

/** @throws CertRebindError `bad-document`, or `later-schema` for the journal of a later version */
export function parseJournalLine(text: string, where: string): JournalLine {
  const value = earlier.journal[2](parseJson(text, where));
  if (isJournalLine(value)) return value;
  const { errors } = isJournalLine;
  const schema = isObject(value) && typeof value.schema === 'string' ? value.schema : '';
  if (Number(/^certrebind\/journal\/(\d+)$/.exec(schema)?.[1] ?? 0) > 2)
    throw wrongInput('later-schema', where, 'was written by a newer CertRebind');
  throw wrongInput('bad-document', where, `is not a valid journal line: ${describe(errors)}`);
}
