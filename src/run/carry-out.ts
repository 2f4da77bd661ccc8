import { isToPutBack, type StepProgress, stepError } from '../model/step-progress.ts';
import { changed, stands } from '../model/step-states.ts';
import { chooseCanaries, judgeCanaries } from './canary.ts';
import { changeSteps } from './change-steps.ts';
import { type Execution, idsOf, report, stepsNow, tell } from './execution.ts';
import { prove } from './prove.ts';
import { putBack } from './put-back.ts';
import { repairOptions } from './repair.ts';

/**
 * After the canaries a chunk that is still small, then all that one call can carry: a kill or a defect that the canaries
 * did not show meets few records, and ten thousand cost no more round trips than six.
 */
const firstChunk = 500;
const chunkSize = 10_000;
/** A wire that goes on serving the old certificate may be the matter of one endpoint: others are tried, then all. */
const mostCanaries = 3;

/** Canaries first, then the rest in chunks; each is changed, repaired, proven and put back before the next begins. */
export async function carryOut(execution: Execution): Promise<void> {
  const { context } = execution;
  let canaries = chooseCanaries(stepsNow(execution));
  let rest: readonly StepProgress[] = stepsNow(execution).filter((progress) => !canaries.includes(progress));
  for (let tried = 1; canaries.length > 0; tried++) {
    report(context, 'canary', 0, canaries.length, canaries[0]?.step.key ?? null);
    const ids = idsOf(canaries);
    await changeAndFinish(execution, ids);
    if (await endsEarly(execution)) return;
    const verdict = judgeCanaries(stepsNow(execution, ids), rest, tried < mostCanaries);
    await tell(execution, verdict.refused);
    ({ another: canaries, rest } = verdict);
  }
  const ids = idsOf(rest);
  for (let done = 0; done < ids.length; ) {
    report(context, 'swap', done, ids.length, rest[done]?.step.key ?? null);
    const chunk = ids.slice(done, done + (done === 0 ? firstChunk : chunkSize));
    await changeAndFinish(execution, chunk);
    if (await endsEarly(execution)) return;
    done += chunk.length;
  }
}

async function changeAndFinish(execution: Execution, ids: readonly number[]): Promise<void> {
  await changeSteps(execution, ids);
  await finish(execution, ids);
}

/** Brings begun steps to their end, whatever that takes; what recovery does with the steps of a killed run, too. */
export async function finish(execution: Execution, ids: readonly number[]): Promise<void> {
  await repairOptions(execution, ids);
  await prove(execution, ids);
  await putBack(execution, idsOf(stepsNow(execution, ids).filter(isToPutBack)), null);
}

/** Whether nothing more is to be begun: the server or the journal is gone, or the policy undoes the whole run. */
async function endsEarly(execution: Execution): Promise<boolean> {
  await undoWholeRun(execution);
  const { stop } = execution;
  if (stop === null) return false;
  const untried = stepsNow(execution).filter(({ state }) => state === 'planned');
  if (untried.length > 0) await tell(execution, [{ type: 'not-attempted', steps: idsOf(untried), error: stop }]);
  return true;
}

/** With the policy `run`, one failed step puts back every changed one. */
export async function undoWholeRun(execution: Execution): Promise<void> {
  const failed = stepsNow(execution).find(({ state, error }) => error !== null && !stands(state))?.step;
  if (execution.undo !== 'run' || failed === undefined) return;
  const why = stepError('run-undone', `${failed.key} failed, and the whole run is put back then.`, failed.key);
  await putBack(execution, idsOf(stepsNow(execution).filter(({ state }) => changed(state))), why);
  execution.stop ??= why;
}
