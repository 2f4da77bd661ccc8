import type { StepProgress } from '../documents/runs/step-progress.ts';
import { standingOf } from '../documents/runs/step-standing.ts';
import { differences } from '../holders/holder.ts';
import { askServer, restoreTo, type Wish, wordsOf } from './ask-server.ts';
import { type Execution, stepsNow, tell } from './execution.ts';

/** Writes the whole wanted record, with all fields, if a swap set the certificate and lost something else. */
export async function repairOptions(execution: Execution, ids: readonly number[]): Promise<void> {
  const repairs = stepsNow(execution, ids).flatMap(repairOf);
  if (repairs.length === 0) return;
  await tell(
    execution,
    repairs.map(({ progress, options }) => ({ type: 'repairing', step: progress.step.id, options })),
  );
  const replies = await askServer(execution, repairs);
  await tell(
    execution,
    replies.map(({ progress, options, now, reply }) => {
      return { type: 'repaired', step: progress.step.id, options, now, words: wordsOf(reply) };
    }),
  );
}

interface Repair extends Wish {
  /** What was lost. */
  readonly options: readonly string[];
}

function repairOf(progress: StepProgress): readonly Repair[] {
  const { step, now, state } = progress;
  if (state !== 'lost-options' || step.wanted === null || now.state !== 'holds') return [];
  if (standingOf(step, now) !== 'wanted-with-other-options') return [];
  return [{ progress, change: restoreTo(step.wanted), options: differences(step.wanted, now.holder) }];
}
