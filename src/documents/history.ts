import type { Counts } from './runs/outcome.ts';
import type { BlockedPlace, RunOrigin, RunSummary } from './runs/run-summary.ts';
import type { RunResult } from './runs/step-states.ts';

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
    /** `null`, here and below, for a run whose outcome cannot be read. */
    readonly durationMs: number | null;
    readonly origin: RunOrigin | null;
    readonly blocked: readonly BlockedPlace[] | null;
  }[];
}

/** The closed runs of a server; `null` stands for one without a readable outcome. */
export function historyOf(summaries: readonly (RunSummary | null)[]): History {
  const runs = summaries.flatMap((summary) => {
    if (summary === null) return [];
    const { run, startedAt, result, counts, certificates = [], durationMs = null } = summary;
    const { origin = null, blocked = null } = summary;
    return { run, at: startedAt, result, counts, certificates, durationMs, origin, blocked };
  });
  return { schema: 'certrebind/history/1', runs };
}
