import { differences, standingOf, wantedRecord } from '../model/step-standing.ts';
import { askServer, type Wish } from './ask-server.ts';
import { type Execution, type StepProgress, stepError, tell } from './execution.ts';

/** Writes the whole wanted record, all fields named, where a swap brought the certificate and lost something else. */
export async function repairOptions(execution: Execution, among: readonly StepProgress[]): Promise<void> {
  const broken = among.filter(({ next }) => next === 'repair');
  if (broken.length === 0) return;
  const lost = broken.map(lostOptions);
  await tell(
    execution,
    broken.map(({ step }, index) => ({ type: 'repairing', step: step.id, options: lost[index] ?? [] })),
  );
  const wishes = broken.flatMap((progress): readonly Wish[] => {
    const record = wantedRecord(progress.step);
    return record === null ? [] : [{ progress, change: { do: 'restore', record } }];
  });
  const replies = await askServer(execution, wishes);
  for (const [index, progress] of broken.entries()) {
    const options = lost[index] ?? [];
    if (standingOf(progress.step, progress.now) === 'as-wanted') {
      Object.assign(progress, { next: 'prove', repairedOptions: options, error: null });
    } else {
      const reply = replies[index];
      const said = reply === undefined || !reply.heard ? reply?.why : reply.error?.message;
      const why = `The change lost ${options.join(', ')}, and the repair did not bring it back. ${said ?? ''}`.trim();
      Object.assign(progress, { next: 'put-back', error: stepError('options-lost', why, progress.key) });
    }
  }
}

function lostOptions({ step, now }: StepProgress): readonly string[] {
  const wanted = wantedRecord(step);
  return wanted === null || now.state !== 'holds' ? [] : differences(wanted, now.record);
}
