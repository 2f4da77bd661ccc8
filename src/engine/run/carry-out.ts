import { groupBy } from '../../base/group.ts';
import { isVerifyOnly, type Plan, type Turn } from '../../documents/runs/plan.ts';
import { compareStep, isToRollBack, type StepProgress, stepError } from '../../documents/runs/step-progress.ts';
import { changed, isApplied } from '../../documents/runs/step-states.ts';
import { differences, isAdminChannel, type Kind, kindOf, thumbprintOf } from '../../kinds/holder.ts';
import { askServer, changeTo, notAttempted, restoreTo, type StepChange, wordsOf } from './ask-server.ts';
import { chooseCanaries, judgeCanaries } from './canary.ts';
import type { RunContext } from './context.ts';
import { appendToJournal, type Execution, idsOf, report, stepsNow } from './execution.ts';
import { hadNoTime } from './ledger-of.ts';
import { prove, proveAgain } from './prove.ts';
import { judgeInterrupted, refuseUnanswered, restartChanged, serviceOf, whyNoTime } from './restart.ts';
import { rollBack } from './roll-back.ts';

/**
 * After the canaries a small chunk, then as much as one call can carry: a kill, or a defect that the canaries did not
 * show, affects few records, and ten thousand records need no more round trips than six.
 */
const firstChunk = 500;
const chunkSize = 10_000;
/**
 * If an endpoint keeps serving the old certificate, that may only concern this endpoint: others are tried, then all.
 */
const mostCanaries = 3;

const turns: readonly (Turn | undefined)[] = ['debt', 'again', undefined];

/**
 * Debts first, then what is tried again, then the rest. In each, one kind of holder after the other, in the order of the
 * plan: how a certificate works at an FTP site or a Remote Desktop listener says nothing about records, and the reverse.
 */
export async function carryOut(execution: Execution): Promise<void> {
  await refuseUnanswered(execution);
  for (const turn of turns) {
    for (const kind of new Set(stepsInTurn(execution, turn).map(kindOfStep))) {
      const steps = stepsInTurn(execution, turn).filter((progress) => kindOfStep(progress) === kind);
      const oneByOne = steps.filter(({ step }) => isAdminChannel(kind) || step.restart !== undefined);
      const first = steps.filter((progress) => !oneByOne.includes(progress));
      if (await carryOutKind(execution, first)) return;
      if (await carryOutOneByOne(execution, await spared(execution, first, oneByOne))) return;
    }
  }
  await proveAgain(execution);
}

function stepsInTurn(execution: Execution, turn: Turn | undefined): readonly StepProgress[] {
  return stepsNow(execution).filter(({ step, state }) => step.turn === turn && state === 'planned');
}

function kindOfStep({ step }: StepProgress): Kind {
  return kindOf(step.key);
}

/**
 * Canaries first, then the rest in chunks; each is changed, repaired, verified and put back before the next begins.
 * Returns whether nothing more may begin.
 */
async function carryOutKind(execution: Execution, steps: readonly StepProgress[]): Promise<boolean> {
  const { context } = execution;
  let canaries = chooseCanaries(steps);
  let rest: readonly StepProgress[] = steps.filter((progress) => !canaries.includes(progress));
  for (let tried = 1; canaries.length > 0; tried++) {
    report(context, 'canary', 0, canaries.length, canaries[0]?.step.key ?? null);
    const ids = idsOf(canaries);
    await changeAndFinish(execution, ids);
    if (await endsEarly(execution)) return true;
    const verdict = judgeCanaries(stepsNow(execution, ids), rest, tried < mostCanaries);
    await appendToJournal(execution, verdict.refused);
    ({ another: canaries, rest } = verdict);
  }
  const ids = idsOf(rest);
  for (let done = 0; done < ids.length; ) {
    report(context, 'replace', done, ids.length, rest[done]?.step.key ?? null);
    const chunk = ids.slice(done, done + (done === 0 ? firstChunk : chunkSize));
    await changeAndFinish(execution, chunk);
    if (await endsEarly(execution)) return true;
    done += chunk.length;
  }
  return false;
}

/** The steps of `others` whose new certificate failed at none of the steps that were tried. */
async function spared(
  execution: Execution,
  tried: readonly StepProgress[],
  others: readonly StepProgress[],
): Promise<readonly StepProgress[]> {
  const verdict = judgeCanaries(stepsNow(execution, idsOf(tried)), others, false);
  await appendToJournal(execution, verdict.refused);
  return [...verdict.another, ...verdict.rest];
}

/**
 * Ways by which people administer the server, and services that are restarted: one at a time, each verified before the
 * next; if a certificate fails at one, the others do not get it. What one service reads is changed together, because one
 * restart puts all of that at stake. Returns whether nothing more may begin.
 */
async function carryOutOneByOne(execution: Execution, steps: readonly StepProgress[]): Promise<boolean> {
  for (let left = steps; left.length > 0; ) {
    const [together = [], ...others] = groupBy(left, ({ step }) => serviceOf(step)).values();
    report(execution.context, 'replace', steps.length - left.length, steps.length, together[0]?.step.key ?? null);
    const ids = idsOf(together);
    const error = whyNoTime(execution, together);
    if (error === null) await changeAndFinish(execution, ids);
    else await appendToJournal(execution, [{ type: 'not-attempted', steps: ids, error }]);
    if (await endsEarly(execution)) return true;
    // What was not tried says nothing against the certificate.
    left = error === null ? await spared(execution, together, others.flat()) : others.flat();
  }
  return false;
}

async function changeAndFinish(execution: Execution, ids: readonly number[]): Promise<void> {
  await changeSteps(execution, ids);
  await repairOptions(execution, ids);
  await restartChanged(execution, ids);
  await proveOrRollBack(execution, ids);
}

/** Recovery: finishes the steps that a killed run had begun, with whatever changes that takes. */
export async function finish(execution: Execution, ids: readonly number[]): Promise<void> {
  await repairOptions(execution, ids);
  await judgeInterrupted(execution, ids);
  await proveOrRollBack(execution, ids);
}

async function proveOrRollBack(execution: Execution, ids: readonly number[]): Promise<void> {
  await prove(execution, ids);
  await rollBack(execution, idsOf(stepsNow(execution, ids).filter(isToRollBack)), null);
}

/** Whether nothing more may begin: the server or the journal is gone, or the policy undoes the whole run. */
async function endsEarly(execution: Execution): Promise<boolean> {
  await undoWholeRun(execution);
  const { stop } = execution;
  if (stop === null) return false;
  const untried = stepsNow(execution).filter(({ state }) => state === 'planned');
  if (untried.length > 0)
    await appendToJournal(execution, [{ type: 'not-attempted', steps: idsOf(untried), error: stop }]);
  return true;
}

/** With the policy `run`, one failed step puts back every changed one. Debts of earlier runs are no part of this one. */
export async function undoWholeRun(execution: Execution): Promise<void> {
  const own = stepsNow(execution).filter(({ step }) => step.turn !== 'debt');
  const failed = own.find((one) => one.error !== null && !isApplied(one.state) && !hadNoTime(one))?.step;
  if (execution.undo !== 'run' || failed === undefined) return;
  const why = stepError('run-undone', `${failed.key} failed, so the whole run was rolled back.`, failed.key);
  await rollBack(execution, idsOf(own.filter(({ state }) => changed(state))), why);
  execution.stop ??= why;
}

/** Makes the changes of these steps in one call, and notes how each holder was read back. */
async function changeSteps(execution: Execution, ids: readonly number[]): Promise<void> {
  await appendToJournal(execution, [{ type: 'changing', steps: ids }]);
  const steps = stepsNow(execution, ids).filter(({ step }) => !isVerifyOnly(step));
  const changes = steps.map((progress) => ({
    progress,
    change: changeTo(execution, progress.step, progress.step.before, progress.step.wanted),
  }));
  const replies = execution.stop === null ? await askServer(execution, changes) : notAttempted(changes, '');
  const untried = replies.filter(({ reply }) => !reply.attempted).map(({ progress }) => progress);
  if (untried.length > 0)
    await appendToJournal(execution, [{ type: 'not-attempted', steps: idsOf(untried), error: execution.stop }]);
  await appendToJournal(
    execution,
    stepsNow(execution, ids)
      .filter(({ step }) => isVerifyOnly(step))
      .map(({ step, now }) => ({ type: 'changed', step: step.id, now, said: null })),
  );
  await appendToJournal(
    execution,
    replies.flatMap(({ progress, reply, now }) =>
      reply.attempted ? [{ type: 'changed', step: progress.step.id, now, said: reply.error } as const] : [],
    ),
  );
}

/** Writes the whole wanted record, with all fields, if a replacement set the certificate and lost something else. */
async function repairOptions(execution: Execution, ids: readonly number[]): Promise<void> {
  const repairs = stepsNow(execution, ids).flatMap(repairOf);
  if (repairs.length === 0) return;
  await appendToJournal(
    execution,
    repairs.map(({ progress, options }) => ({ type: 'repairing', step: progress.step.id, options })),
  );
  const replies = await askServer(execution, repairs);
  await appendToJournal(
    execution,
    replies.map(({ progress, options, now, reply }) => {
      return { type: 'repaired', step: progress.step.id, options, now, words: wordsOf(reply) };
    }),
  );
}

/** @returns with `options` that were lost */
function repairOf(progress: StepProgress): readonly (StepChange & { readonly options: readonly string[] })[] {
  const { step, now, state } = progress;
  if (state !== 'lost-options' || step.wanted === null || now.state !== 'holds') return [];
  if (compareStep(step, now) !== 'wanted-with-other-options') return [];
  return [{ progress, change: restoreTo(step.wanted), options: differences(step.wanted, now.holder) }];
}

/**
 * Shows those certificates again that `retire` archived and this plan sets, since Windows may not bind an archived one
 * (fidelity: archived-bindable). Where that is refused the run goes its way: what is read back afterwards decides.
 */
export async function showArchived({ server, state }: RunContext, { steps }: Plan): Promise<void> {
  const ledger = await state.readLedger();
  const wanted = new Set(steps.map(({ wanted }) => thumbprintOf(wanted)));
  const needed = ledger.retired.filter(({ thumbprint }) => wanted.has(thumbprint));
  if (needed.length === 0) return;
  const reports = await server.change(
    needed.map(({ thumbprint, store }) => ({ do: 'archive-certificate', thumbprint, store, archived: false })),
  );
  const shown = new Set(needed.filter((_, at) => reports[at]?.error === null));
  await state.writeLedger({ ...ledger, retired: ledger.retired.filter((one) => !shown.has(one)) });
}
