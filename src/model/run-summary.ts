import type { ValidateFunction } from 'ajv';
import { validateRunSummary } from './generated/validators.js';
import type { Outcome } from './outcome.ts';

/** What is known of a closed run without opening its files: enough to list it, and to tell whether it is meant. */
export interface RunSummary extends Pick<Outcome, 'run' | 'result' | 'exitCode' | 'startedAt' | 'counts'> {
  /** How many steps it has. */
  readonly steps: number;
}

/** A line of the index of closed runs. */
export interface IndexLine extends RunSummary {
  readonly schema: 'certrebind/run-summary/1';
  /** Of the file with the outcome when it was written; one that looks different now was changed since. */
  readonly size: number;
  readonly modifiedMs: number;
}

const isIndexLine = validateRunSummary as ValidateFunction<IndexLine>;

export function summaryOf({ run, result, exitCode, startedAt, counts, steps }: Outcome): RunSummary {
  return { run, result, exitCode, startedAt, counts, steps: steps.length };
}

/** `null` for a line that is torn, damaged or of another version: what it would say stands in the outcome too. */
export function parseIndexLine(text: string): IndexLine | null {
  try {
    const value: unknown = JSON.parse(text);
    return isIndexLine(value) ? value : null;
  } catch {
    return null;
  }
}
