import type { Counts } from './outcome.ts';
import type { RunResult } from './step-states.ts';

/** The closed runs, oldest first. */
export interface History {
  readonly schema: 'certrebind/history/1';
  readonly runs: readonly {
    readonly run: string;
    readonly at: string;
    readonly result: RunResult;
    readonly counts: Counts;
    /** What the new certificates are called, three at most. */
    readonly certificates: readonly string[];
  }[];
}
