import type { ValidateFunction } from 'ajv';
import { describe, isObject, parseJson } from '../../base/document.ts';
import { wrongInput } from '../../base/errors.ts';
import { validateJournalLine } from '../generated/validate-journal-line.js';
import { inThisNumber } from '../parser-of.ts';
import type { JournalLine } from './journal.ts';

const isJournalLine = validateJournalLine as ValidateFunction<JournalLine>;

/** @throws CertRebindError `bad-document`, or `other-version` for the first line of a journal of another version */
export function parseJournalLine(text: string, where: string): JournalLine {
  const line = parseJson(text, where);
  const value = isObject(line) && 'schema' in line ? inThisNumber(line, 'certrebind/journal/1', where) : line;
  if (isJournalLine(value)) return value;
  throw wrongInput('bad-document', where, `is not a valid journal line: ${describe(isJournalLine.errors)}`);
}
