import { chooseCanaries, judgeCanaries } from './canary.ts';
import { changeSteps, notAttempted } from './change-steps.ts';
import { type Execution, report, type StepProgress, stepError } from './execution.ts';
import { prove } from './prove.ts';
import { putBack } from './put-back.ts';
import { repairOptions } from './repair.ts';

/**
 * After the canaries a chunk that is still small, then all that one call can carry: a kill or a defect that the canaries
 * did not show meets few records, and ten thousand cost no more round trips than six.
 */
const firstChunk = 500;
const chunkSize = 10_000;

/** Canaries first, then the rest in chunks; each is changed, repaired, proven and put back before the next begins. */
export async function carryOut(execution: Execution): Promise<void> {
  const { steps, context } = execution;
  let canaries = chooseCanaries(steps);
  let rest: readonly StepProgress[] = steps.filter((progress) => !canaries.includes(progress));
  while (canaries.length > 0) {
    report(context, 'canary', 0, canaries.length, canaries[0]?.key ?? null);
    await changeAndFinish(execution, canaries);
    if (await endsEarly(execution)) return;
    ({ another: canaries, rest } = judgeCanaries(canaries, rest));
  }
  for (let done = 0; done < rest.length; ) {
    report(context, 'swap', done, rest.length, rest[done]?.key ?? null);
    const chunk = rest.slice(done, done + (done === 0 ? firstChunk : chunkSize));
    await changeAndFinish(execution, chunk);
    if (await endsEarly(execution)) return;
    done += chunk.length;
  }
}

async function changeAndFinish(execution: Execution, steps: readonly StepProgress[]): Promise<void> {
  await changeSteps(execution, steps);
  await finish(execution, steps);
}

/** Brings begun steps to their end, whatever that takes; what recovery does with the steps of a killed run, too. */
export async function finish(execution: Execution, steps: readonly StepProgress[]): Promise<void> {
  await repairOptions(execution, steps);
  await prove(execution, steps);
  await putBack(execution, steps);
}

/** Whether nothing more is to be begun: the server or the journal is gone, or the policy undoes the whole run. */
async function endsEarly(execution: Execution): Promise<boolean> {
  await undoWholeRun(execution);
  const { stop } = execution;
  if (stop === null) return false;
  notAttempted(execution.steps.filter(isUntried), stop);
  return true;
}

/** With the policy `run`, one failed step puts back every changed one. */
export async function undoWholeRun(execution: Execution): Promise<void> {
  const failed = execution.steps.find(({ error }) => error !== null);
  if (execution.undo !== 'run' || failed === undefined) return;
  const why = stepError('run-undone', `${failed.key} failed, and the whole run is put back then.`, failed.key);
  const changed = execution.steps.filter(({ result }) => result === 'changed');
  for (const progress of changed) Object.assign(progress, { next: 'put-back', error: why });
  await putBack(execution, changed);
  execution.stop ??= why;
}

function isUntried({ result, error }: StepProgress): boolean {
  return result === 'not-attempted' && error === null;
}
