import type { JournalLine } from '../../model/journal.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { KeyText } from '../../model/record-key.ts';
import { keyOfStep, wantedRecord } from '../../model/step-standing.ts';
import type { TlsRecord } from '../../model/tls-record.ts';

/** A closed run with its journal. */
export interface RunRecord {
  readonly journal: readonly JournalLine[];
  readonly outcome: Outcome | null;
}

/**
 * Every record as the latest run that dealt with it left it, whole, as it was read back then. What a run took away, or
 * could not bring into a known state, is not in it.
 * @param runs oldest first
 */
export function lastKnownRecords(runs: readonly RunRecord[]): ReadonlyMap<KeyText, TlsRecord> {
  const known: LastKnown = new Map();
  for (const run of runs) noteRun(known, run);
  return known;
}

export type LastKnown = Map<KeyText, TlsRecord>;

/** Brings what is known up to a run that came later. */
export function noteRun(known: LastKnown, { journal, outcome }: RunRecord): void {
  const opened = journal.find((line) => line.type === 'opened');
  if (opened === undefined || outcome === null) return;
  const results = new Map(outcome.steps.map(({ id, result }) => [id, result]));
  for (const step of opened.plan.steps) {
    const left = leftAs(results.get(step.id), step.before, wantedRecord(step));
    if (left === undefined) continue;
    if (left === null) known.delete(keyOfStep(step));
    else known.set(keyOfStep(step), left);
  }
}

/** `undefined`: the run did nothing to it. */
function leftAs(
  result: Outcome['steps'][number]['result'] | undefined,
  before: TlsRecord | null,
  wanted: TlsRecord | null,
): TlsRecord | null | undefined {
  switch (result) {
    case 'changed':
    case 'already':
      return wanted;
    case 'undone':
      return before;
    case 'failed':
    case 'undo-failed':
      return null;
    case 'not-attempted':
    case undefined:
      return undefined;
  }
}
