import type { LastKnown } from '../../src/engine/plan/plan-repair.ts';
import { noteRun, type RunRecord } from '../../src/engine/run/last-known.ts';

/** @param runs oldest first */
export function lastKnownRecords(runs: readonly RunRecord[]): LastKnown {
  const known = new Map();
  for (const run of runs) noteRun(known, run);
  return known;
}
