import type { JournalLine } from '../model/journal.ts';
import type { Plan } from '../model/plan.ts';
import type { KeyText } from '../model/record-key.ts';
import type { RecoveryStep } from '../model/recovery.ts';
import { keyOfStep, type Standing, standingOf } from '../model/step-standing.ts';
import type { RecordNow } from '../model/tls-record.ts';

/** How far the journal of the killed run had come with one record. */
type Reached = 'untouched' | 'changing' | 'putting-back';

/**
 * Decides for every step of an unfinished run how it is brought to an end. The records as they are now decide; the
 * journal only tells which of them the run had begun to change, and which it had begun to put back.
 */
export function planRecovery(
  plan: Plan,
  journal: readonly JournalLine[],
  records: ReadonlyMap<KeyText, RecordNow>,
): readonly RecoveryStep[] {
  const reached = howFar(journal);
  return plan.steps.map((step) => {
    const how = reached.get(step.id) ?? 'untouched';
    const now = records.get(keyOfStep(step)) ?? { state: 'unknown', why: 'the server did not tell' };
    return {
      step: step.id,
      action: how === 'untouched' ? 'none' : recoveryTable[standingOf(step, now)][how],
    };
  });
}

/** Rows: how the record stands. Columns: what the run was doing to it when it ended. */
export const recoveryTable: Readonly<
  Record<Standing, Readonly<Record<Exclude<Reached, 'untouched'>, RecoveryStep['action']>>>
> = {
  'as-before': { changing: 'none', 'putting-back': 'none' },
  'as-wanted': { changing: 'prove', 'putting-back': 'put-back' },
  'wanted-with-other-options': { changing: 'repair', 'putting-back': 'put-back' },
  // Only a change of ours can have cost the options while it was putting the certificate back.
  'before-with-other-options': { changing: 'leave', 'putting-back': 'put-back' },
  absent: { changing: 'put-back', 'putting-back': 'put-back' },
  foreign: { changing: 'leave', 'putting-back': 'leave' },
  unknown: { changing: 'leave', 'putting-back': 'leave' },
};

function howFar(journal: readonly JournalLine[]): ReadonlyMap<number, Reached> {
  const reached = new Map<number, Reached>();
  for (const line of journal) {
    if (line.type === 'changing') for (const step of line.steps) reached.set(step, 'changing');
    else if (line.type === 'putting-back') reached.set(line.step, 'putting-back');
  }
  return reached;
}
