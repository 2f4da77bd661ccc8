import { outcomeText } from '../../report/outcome.ts';
import { performRun } from '../../run/perform-run.ts';
import type { RunRequest } from '../../run/request.ts';
import { runContext, type Session } from '../session/session.ts';
import type { Invocation } from '../shell/command.ts';
import { personSaidNo } from '../shell/shell.ts';
import { confirmed } from './confirm.ts';
import { deliver } from './deliver.ts';
import { writeConfiguredMetrics } from './write-metrics.ts';

/** What the commands that change a server say themselves; the rest is the same for all. */
export type Wanted = Omit<RunRequest, 'undo' | 'keepRuns'>;

/**
 * Lets a person agree where there is one to ask, and then runs it and shows the outcome. A no is no failure, and
 * what was asked for was not done: a script must not take it for success.
 */
export async function askAndRun(session: Session, invocation: Invocation, wanted: Wanted): Promise<number> {
  const plan = await confirmed(session, invocation, wanted.dryRun, wanted.plan);
  return plan === null ? personSaidNo : runAndShow(session, invocation, { ...wanted, plan });
}

/** Runs it and shows the outcome. */
export async function runAndShow(session: Session, invocation: Invocation, wanted: Wanted): Promise<number> {
  const { undo, keepRuns } = session.configuration;
  const outcome = await performRun(runContext(session, invocation), {
    ...wanted,
    undo,
    keepRuns,
  });
  invocation.shell.result(outcome, (look) => outcomeText(outcome, look));
  if (!wanted.dryRun) await tellOthers(session);
  return outcome.exitCode;
}

/** The run is over and shown: whatever goes wrong here, what it ends with stands. */
async function tellOthers(session: Session): Promise<void> {
  for (const tell of [deliver, writeConfiguredMetrics]) await tell(session).catch(() => {});
}
