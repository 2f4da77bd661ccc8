import type { Invocation } from '../command-line/command.ts';
import { count } from '../command-line/print/phrases.ts';
import type { Plan, Step } from '../documents/runs/plan.ts';
import { planText } from '../inspect/history/plan-text.ts';
import type { Facts, RunRequest } from '../run/request.ts';
import type { Session } from '../session/session.ts';
import { CertRebindError } from '../text/errors.ts';

type Planner = (facts: Facts) => Plan | Promise<Plan>;

/**
 * Shows a person the plan and asks for consent, if there is somebody to ask, before the lock is taken: an open question
 * must not make a renewal wait. What then runs must be what the person agreed to. `null` if the answer is no.
 * @param known the plan, where it was made already
 */
export async function confirmed(
  session: Session,
  { shell }: Invocation,
  dryRun: boolean,
  planner: Planner,
  known?: Plan,
): Promise<RunRequest['plan'] | null> {
  if (!shell.asks || dryRun) return planner;
  const preview = known ?? (await planner(await factsNow(session)));
  if (preview.steps.length > 0) {
    shell.preview((look) => planText(preview, look));
    if (!(await shell.confirm(`Make ${count(preview.steps.length, 'change')}?`))) {
      shell.preview(() => 'Nothing was changed.');
      return null;
    }
  }
  return async (facts) => {
    const plan = await planner(facts);
    if (agreement(plan) === agreement(preview)) return plan;
    throw new CertRebindError('plan-stale', {
      message: 'The server changed since the plan was made that you agreed to.',
      hint: 'Run the command again.',
    });
  };
}

async function factsNow({ server, state }: Session): Promise<Facts> {
  return { snapshot: await server.snapshot(), ledger: await state.readLedger() };
}

/** What a person agrees to: which change is made to which holder. Times and notes may differ. */
function agreement({ steps }: Plan): string {
  return JSON.stringify(steps.map(({ consumers, verify, notes, id, ...change }: Step) => change));
}
