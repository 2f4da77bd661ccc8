import type { Counts, Outcome, StepOutcome } from '../documents/runs/outcome.ts';
import type { BlockedEntry, Plan, Purpose } from '../documents/runs/plan.ts';
import type { StepProgress } from '../documents/runs/step-progress.ts';
import { type CountName, type RunResult, resultWords, stands, states } from '../documents/runs/step-states.ts';
import { thumbprintOf } from '../holders/holder.ts';
import { comesLate } from '../text/codes.ts';

export function stepOutcome(progress: StepProgress): StepOutcome {
  const { step, now } = progress;
  return {
    id: step.id,
    key: step.key,
    state: progress.state,
    now: now.state === 'holds' ? { state: 'holds', thumbprint: thumbprintOf(now.holder) } : now,
    repairedOptions: progress.repairedOptions,
    before: progress.before.map(({ handshake }) => handshake),
    after: progress.after.map(({ handshake }) => handshake),
    error: progress.error,
  };
}

/** The result of a run; result, exit code and counts follow only from its steps and from what its plan left out. */
export function summarise(run: {
  readonly steps: readonly StepOutcome[];
  readonly plan: Pick<Plan, 'purpose' | 'blocked' | 'skipped' | 'owed'>;
}): Pick<Outcome, 'result' | 'exitCode' | 'counts'> {
  const counts = countsOf(run.steps, run.plan);
  const owed = new Set(run.plan.owed?.map(({ key }) => key));
  // As before is not good enough where an earlier run has left something wrong.
  const exitOf = ({ key, state }: StepOutcome) => (owed.has(key) && !stands(state) ? 5 : states[state].exit);
  const exitCode = Math.max(counts.blocked > 0 ? 3 : 0, ...run.steps.map(exitOf));
  return { result: resultOf(exitCode, counts, run.plan.purpose), exitCode, counts };
}

/** What an undo changed counts as undone; what it rolled back itself does not. */
function countsOf(
  steps: readonly StepOutcome[],
  { purpose, blocked, skipped }: Pick<Plan, 'purpose' | 'blocked' | 'skipped'>,
): Counts {
  const counted = (name: CountName) => steps.filter(({ state }) => states[state].counts.includes(name)).length;
  const found = skipped.filter(({ reason }) => reason === 'already').length;
  const waiting = blocked.filter(isWaiting).length;
  const isUndo = purpose === 'undo';
  return {
    planned: counted('planned'),
    changed: counted('changed'),
    already: counted('already') + found,
    blocked: blocked.length - waiting,
    skipped: skipped.length - found,
    undone: counted(isUndo ? 'changed' : 'undone'),
    failed: counted('failed') + (isUndo ? counted('undone') : 0),
    unproven: counted('unproven'),
    stillOld: counted('stillOld'),
    waiting,
  };
}

/** Neither a guard nor a person said no: it waits for its time. */
function isWaiting({ reason }: BlockedEntry): boolean {
  return comesLate[reason] === 'its-time';
}

function resultOf(exitCode: number, counts: Counts, purpose: Purpose): RunResult {
  const words = resultWords[purpose];
  if (exitCode === 5) return 'needs-attention';
  if (exitCode === 4) return counts.changed > 0 || purpose === 'undo' ? words.partly : 'undone';
  if (counts.planned > 0) return words.would;
  if (exitCode === 3) return counts.changed > 0 ? words.partly : 'blocked';
  if (counts.changed === 0) return counts.waiting > 0 ? 'waiting' : 'nothing-to-do';
  return counts.waiting > 0 ? words.partly : words.done;
}
