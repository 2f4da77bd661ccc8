import type { JournalLine } from '../model/journal.ts';
import type { Plan } from '../model/plan.ts';
import type { KeyText } from '../model/record-key.ts';
import type { KilledRun, RecoveryStep } from '../model/recovery.ts';
import { keyOfStep, type Standing, standingOf } from '../model/step-standing.ts';
import type { RecordNow } from '../model/tls-record.ts';

/** How far the journal of the killed run had come with one record. */
type Reached = 'untouched' | 'changing' | 'putting-back';

/**
 * Decides for every step of an unfinished run how it is brought to an end. The records as they are now decide; the
 * journal only tells which of them the run had begun to change, and which it had begun to put back. Where a line of it
 * is damaged, any record that the others do not name may have been changed.
 */
export function planRecovery(
  plan: Plan,
  { journal, damagedLines }: KilledRun,
  records: ReadonlyMap<KeyText, RecordNow>,
): readonly RecoveryStep[] {
  const reached = howFar(journal);
  const unnamed: Reached = damagedLines.length > 0 ? 'changing' : 'untouched';
  return plan.steps.map((step) => {
    const now = records.get(keyOfStep(step)) ?? { state: 'unknown', why: 'the server did not tell' };
    return { step: step.id, action: recoveryTable[standingOf(step, now)][reached.get(step.id) ?? unnamed] };
  });
}

/** Rows: how the record stands. Columns: what the run was doing to it when it ended. */
const recoveryTable: Readonly<Record<Standing, Readonly<Record<Reached, RecoveryStep['action']>>>> = {
  'as-before': { untouched: 'none', changing: 'none', 'putting-back': 'none' },
  // A journal can have lost its end, so that a record was swapped though nothing names it.
  'as-wanted': { untouched: 'prove', changing: 'prove', 'putting-back': 'put-back' },
  'wanted-with-other-options': { untouched: 'leave', changing: 'repair', 'putting-back': 'put-back' },
  // Only a change of ours can have cost the options while it was putting the certificate back.
  'before-with-other-options': { untouched: 'none', changing: 'leave', 'putting-back': 'put-back' },
  absent: { untouched: 'none', changing: 'put-back', 'putting-back': 'put-back' },
  foreign: { untouched: 'none', changing: 'leave', 'putting-back': 'leave' },
  unknown: { untouched: 'none', changing: 'leave', 'putting-back': 'leave' },
};

function howFar(journal: readonly JournalLine[]): ReadonlyMap<number, Reached> {
  const reached = new Map<number, Reached>();
  for (const line of journal) {
    if (line.type === 'changing') for (const step of line.steps) reached.set(step, 'changing');
    else if (line.type === 'putting-back' || line.type === 'put-back') reached.set(line.step, 'putting-back');
  }
  return reached;
}
