import type { ValidateFunction } from 'ajv';
import { describe, parseJson } from '../../base/document.ts';
import { CertRebindError } from '../../base/errors.ts';
import { earlier } from '../earlier.ts';
import { validateJournalLine } from '../generated/validate-journal-line.js';
import type { JournalLine } from './journal.ts';

const isJournalLine = validateJournalLine as ValidateFunction<JournalLine>;

/** @throws CertRebindError `bad-document`, or `later-schema` for the journal of a later version */
export function parseJournalLine(text: string, where: string): JournalLine {
  const value = earlier.journal[2](parseJson(text, where));
  if (isJournalLine(value)) return value;
  const { errors } = isJournalLine;
  throw isLater(value)
    ? new CertRebindError('later-schema', { message: `${where} was written by a newer CertRebind.`, where })
    : new CertRebindError('bad-document', {
        message: `${where} is not a valid journal line: ${describe(errors)}.`,
        where,
      });
}

function isLater(value: unknown): boolean {
  const schema = typeof value === 'object' && value !== null && 'schema' in value ? value.schema : null;
  return typeof schema === 'string' && Number(/^certrebind\/journal\/(\d+)$/.exec(schema)?.[1] ?? 0) > 2;
}
