import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome } from '../../../src/documents/runs/outcome.ts';
import { fileState } from '../../../src/engine/state/file-state.ts';
import { now } from '../../builders/snapshot.ts';
import { noCounts } from '../plan/outcomes.ts';

export const outcomeOf = (run: string): Outcome => ({
  schema: 'certrebind/outcome/1',
  kept: true,
  run,
  dryRun: false,
  result: 'nothing-to-do',
  exitCode: 0,
  startedAt: now,
  durationMs: 0,
  counts: noCounts,
  steps: [],
  blocked: [],
  skipped: [],
  renewals: [],
  notes: [],
  cost: { sessions: 0, roundTrips: 0 },
});

/** Closed runs as a version without an index left them. */
export function plantRuns(home: string, count: number, from = 0): readonly string[] {
  return Array.from({ length: count }, (_, at) => {
    const run = `20200101-${String(from + at).padStart(9, '0')}-0000`;
    mkdirSync(join(home, 'runs', run), { recursive: true, mode: 0o700 });
    writeFileSync(join(home, 'runs', run, 'journal.ndjson'), '', { mode: 0o600 });
    writeFileSync(join(home, 'runs', run, 'outcome.json'), JSON.stringify(outcomeOf(run)), { mode: 0o600 });
    return run;
  });
}

/** The same, as a run has left them that found them all. */
export async function plantIndexedRuns(home: string, count: number): Promise<readonly string[]> {
  const runs = plantRuns(home, count);
  if (count > 0) await fileState(home).pruneRuns(count);
  return runs;
}
