import type { StepErrorCode } from '../model/codes.ts';
import type { Step } from '../model/plan.ts';
import { type Standing, standingOf } from '../model/step-standing.ts';
import type { Change, ChangeReport } from '../server/server.ts';
import { askServer, swapChange } from './ask-server.ts';
import { type Execution, type StepProgress, stepError, tell } from './execution.ts';

/**
 * Asks the server for the changes of these steps in one call, and judges each by what was read back, never by what was
 * said. Each step then has a result, or says what is `next`.
 */
export async function changeSteps(execution: Execution, steps: readonly StepProgress[]): Promise<void> {
  await tell(execution, [{ type: 'changing', steps: steps.map(({ step }) => step.id) }]);
  if (execution.stop !== null) return notAttempted(steps, execution.stop);
  const wishes = steps.map((progress) => ({ progress, change: changeFor(progress.step) }));
  for (const { progress, reply } of await askServer(execution, wishes)) {
    if (reply.heard) judge(progress, reply.error);
    else notAttempted([progress], execution.stop);
  }
  await tell(
    execution,
    steps.map(({ step, now, error }) => ({ type: 'changed', step: step.id, now, error: error?.message ?? null })),
  );
}

export function notAttempted(steps: readonly StepProgress[], error: StepProgress['error']): void {
  for (const progress of steps) Object.assign(progress, { result: 'not-attempted', error });
}

function changeFor(step: Step): Change {
  switch (step.action) {
    case 'swap':
      return swapChange(step, step.before.thumbprint, step.after);
    case 'restore':
      return { do: 'restore', record: step.record };
    case 'remove':
      return { do: 'remove', key: step.before.key };
  }
}

function judge(progress: StepProgress, said: ChangeReport['error']): void {
  const { error, ...verdict } = verdictOn(standingOf(progress.step, progress.now), said);
  Object.assign(progress, verdict);
  if (error !== null) progress.error = stepError(error, sentence(error, said), progress.key);
}

/** The result of a step, or what is next for it. */
type Verdict = { readonly error: StepErrorCode | null } & (
  | { readonly result: StepProgress['result'] }
  | { readonly next: StepProgress['next'] }
);

function verdictOn(standing: Standing, said: ChangeReport['error']): Verdict {
  // The server looked before it touched anything: whatever stands there is the work of others.
  if (said?.code === 'changed-meanwhile') {
    return standing === 'as-wanted' ? { result: 'already', error: null } : { result: 'failed', error: said.code };
  }
  switch (standing) {
    case 'as-wanted':
      return { next: 'prove', error: null };
    case 'wanted-with-other-options':
      return { next: 'repair', error: 'options-lost' };
    case 'before-with-other-options':
      return { next: 'put-back', error: 'options-lost' };
    case 'absent':
      return { next: 'put-back', error: 'record-lost' };
    case 'as-before':
      return { result: 'failed', error: whyNothingHappened(said) };
    case 'foreign':
      return { result: 'undo-failed', error: 'changed-meanwhile' };
    case 'unknown':
      return { result: 'failed', error: 'server-silent' };
  }
}

function whyNothingHappened(said: ChangeReport['error']): StepErrorCode {
  if (said === null) return 'swap-without-effect';
  return said.code === 'silent' ? 'server-silent' : 'swap-failed';
}

function sentence(error: StepErrorCode, said: ChangeReport['error']): string {
  const words = said === null ? 'The server reported success.' : `The server said: ${said.message}`;
  switch (error) {
    case 'changed-meanwhile':
      return 'Others changed this record between plan and swap, so it was left as they made it.';
    case 'swap-without-effect':
      return 'The server reported success, and the record is still as it was.';
    case 'options-lost':
      return `The change lost options of this record. ${words}`;
    case 'record-lost':
      return `The record was gone after the change. ${words}`;
    case 'server-silent':
      return `The server stopped answering while this record was changed. ${said?.message ?? ''}`.trim();
    default:
      return words;
  }
}
