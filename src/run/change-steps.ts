import { isLook } from '../documents/runs/plan.ts';
import { askServer, changeTo, unheardWishes } from './ask-server.ts';
import { type Execution, idsOf, stepsNow, tell } from './execution.ts';

/** Makes the changes of these steps in one call, and notes how each holder was read back. */
export async function changeSteps(execution: Execution, ids: readonly number[]): Promise<void> {
  await tell(execution, [{ type: 'changing', steps: ids }]);
  const steps = stepsNow(execution, ids).filter(({ step }) => !isLook(step));
  const wishes = steps.map((progress) => ({
    progress,
    change: changeTo(progress.step, progress.step.before, progress.step.wanted),
  }));
  const replies = execution.stop === null ? await askServer(execution, wishes) : unheardWishes(wishes, '');
  const unheard = replies.filter(({ reply }) => !reply.heard).map(({ progress }) => progress);
  if (unheard.length > 0)
    await tell(execution, [{ type: 'not-attempted', steps: idsOf(unheard), error: execution.stop }]);
  await tell(
    execution,
    stepsNow(execution, ids)
      .filter(({ step }) => isLook(step))
      .map(({ step, now }) => ({ type: 'changed', step: step.id, now, said: null })),
  );
  await tell(
    execution,
    replies.flatMap(({ progress, reply, now }) =>
      reply.heard ? [{ type: 'changed', step: progress.step.id, now, said: reply.error } as const] : [],
    ),
  );
}
