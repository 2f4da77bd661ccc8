import type { Plan } from '../../documents/runs/plan.ts';
import { planWanted } from '../../engine/run/plan-wanted.ts';
import type { RunRequest } from '../../engine/run/request.ts';
import { count } from '../../shell/print/phrases.ts';
import { planText } from '../../shell/print/plan-text.ts';
import type { Session } from '../session.ts';

/**
 * Shows a person the plan and asks for consent, if there is somebody to ask, before the lock is taken: an open question
 * must not make a renewal wait. What then runs must be what the person agreed to. `null` if the answer is no.
 * @param known the plan, where it was made already
 */
export async function confirmed(session: Session, request: RunRequest, known?: Plan): Promise<RunRequest | null> {
  if (!session.shell.asks || request.dryRun) return request;
  const agreed = known ?? (await planNow(session, request));
  if (agreed.steps.length > 0) {
    session.shell.preview((look) => planText(agreed, look));
    if (!(await session.shell.confirm(`Make ${count(agreed.steps.length, 'change')}?`))) return null;
  }
  return { ...request, agreed };
}

/** The plan as it is before the lock is taken. */
async function planNow({ server, state }: Session, request: RunRequest): Promise<Plan> {
  const snapshot = await server.snapshot();
  return planWanted(state, request, { snapshot, ledger: await state.readLedger() });
}
