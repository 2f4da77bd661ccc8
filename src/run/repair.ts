import { differences, standingOf, wantedRecord } from '../model/step-standing.ts';
import { askServer, type Wish, wordsOf } from './ask-server.ts';
import { type Execution, type StepProgress, stepError, tell } from './execution.ts';

/** Writes the whole wanted record, all fields named, where a swap brought the certificate and lost something else. */
export async function repairOptions(execution: Execution, among: readonly StepProgress[]): Promise<void> {
  const repairs = among.filter(({ next }) => next === 'repair').flatMap(repairOf);
  if (repairs.length === 0) return;
  await tell(
    execution,
    repairs.map(({ progress, options }) => ({ type: 'repairing', step: progress.step.id, options })),
  );
  for (const { progress, options, reply } of await askServer(execution, repairs)) {
    if (standingOf(progress.step, progress.now) === 'as-wanted') {
      Object.assign(progress, { next: 'prove', repairedOptions: options, error: null });
    } else {
      const why = `The change lost ${options.join(', ')}, and the repair did not bring it back (${wordsOf(reply)}).`;
      Object.assign(progress, { next: 'put-back', error: stepError('options-lost', why, progress.key) });
    }
  }
}

interface Repair extends Wish {
  /** What was lost. */
  readonly options: readonly string[];
}

function repairOf(progress: StepProgress): readonly Repair[] {
  const { step, now } = progress;
  const record = wantedRecord(step);
  if (record === null || now.state !== 'holds') return [];
  return [{ progress, change: { do: 'restore', record }, options: differences(record, now.record) }];
}
