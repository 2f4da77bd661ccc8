import type { ValidateFunction } from 'ajv';
import { describe, parseJson } from './document.ts';
import { CertRebindError } from './errors.ts';
import { validateJournalLine } from './generated/validators.js';
import type { Observation } from './handshake.ts';
import type { Proof } from './outcome.ts';
import type { Plan } from './plan.ts';
import type { RecordNow } from './tls-record.ts';

/**
 * The lines of `journal.ndjson`, each flushed before the next effect. The first line holds everything that a later
 * process needs to finish or to undo the run: the plan with the full old records, and the baseline.
 */
export type JournalLine =
  | {
      readonly schema: 'certrebind/journal/1';
      readonly at: string;
      readonly type: 'opened';
      readonly run: string;
      readonly command: string;
      readonly plan: Plan;
      readonly baseline: readonly { readonly step: number; readonly observations: readonly Observation[] }[];
    }
  | { readonly at: string; readonly type: 'changing'; readonly steps: readonly number[] }
  | {
      readonly at: string;
      readonly type: 'changed';
      readonly step: number;
      readonly now: RecordNow;
      readonly error: string | null;
    }
  | { readonly at: string; readonly type: 'repairing'; readonly step: number; readonly options: readonly string[] }
  | { readonly at: string; readonly type: 'proved'; readonly step: number; readonly proof: Proof }
  | { readonly at: string; readonly type: 'putting-back'; readonly step: number; readonly why: string }
  | {
      readonly at: string;
      readonly type: 'put-back';
      readonly step: number;
      readonly now: RecordNow;
      readonly error: string | null;
    }
  | { readonly at: string; readonly type: 'recovering'; readonly pid: number };

/** Runs that put back an earlier one end as `undone`, and concern renewals that had come to their end. */
export function isUndo(command: string): boolean {
  return command === 'undo';
}

const isJournalLine = validateJournalLine as ValidateFunction<JournalLine>;

/** @throws CertRebindError `bad-document`, or `later-schema` for the journal of a later version */
export function parseJournalLine(text: string, where: string): JournalLine {
  const value = parseJson(text, where);
  if (isJournalLine(value)) return value;
  throw isLater(value)
    ? new CertRebindError('later-schema', { message: `${where} was written by a later version of CertRebind.`, where })
    : new CertRebindError('bad-document', {
        message: `${where} is not a line of a journal: ${describe(isJournalLine.errors)}.`,
        where,
      });
}

function isLater(value: unknown): boolean {
  const schema = typeof value === 'object' && value !== null && 'schema' in value ? value.schema : null;
  return typeof schema === 'string' && Number(/^certrebind\/journal\/(\d+)$/.exec(schema)?.[1] ?? 0) > 1;
}
