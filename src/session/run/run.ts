import { randomBytes } from 'node:crypto';
import type { Plan } from '../../documents/runs/plan.ts';
import { taskLimitMs } from '../../documents/scheduled-tasks.ts';
import type { RunContext } from '../../engine/run/context.ts';
import { performRun } from '../../engine/run/perform-run.ts';
import { planWanted } from '../../engine/run/plan-wanted.ts';
import type { RunRequest } from '../../engine/run/request.ts';
import { runTime } from '../../engine/state/run-folders.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { tlsHandshaker } from '../../server/handshake.ts';
import { outcomeText } from '../../shell/print/outcome-text.ts';
import { count } from '../../shell/print/phrases.ts';
import { planText } from '../../shell/print/plan-text.ts';
import { declinedExitCode } from '../../shell/shell.ts';
import { deliver, postInto } from '../notify/deliver.ts';
import { clock, type Session } from '../session.ts';

/**
 * Asks for consent if there is somebody to ask, then runs and shows the outcome. The answer no is not a failure, but
 * nothing was done, and a script must not take that for success.
 */
export async function askAndRun(
  session: Session,
  { dryRun, wait }: Pick<RunRequest, 'dryRun' | 'wait'>,
  asked: Pick<RunRequest, 'command' | 'wanted' | 'overrides'>,
): Promise<number> {
  const request = await confirmed(session, { ...asked, configuration: session.configuration, dryRun, wait });
  return request === null ? declinedExitCode : runAndShow(session, request);
}

/**
 * Shows a person the plan and asks for consent, if there is somebody to ask, before the lock is taken: an open question
 * must not make a renewal wait. What then runs must be what the person agreed to. `null` if the answer is no.
 * @param known the plan, where it was made already
 */
export async function confirmed(session: Session, request: RunRequest, known?: Plan): Promise<RunRequest | null> {
  if (!session.shell.asks || request.dryRun) return request;
  const { server, state } = session;
  const plan = async () =>
    planWanted(state, request, { snapshot: await server.snapshot(), ledger: await state.readLedger() });
  const agreed = known ?? (await plan());
  if (agreed.steps.length > 0) {
    session.shell.preview((look) => planText(agreed, look));
    if (!(await session.shell.confirm(`Make ${count(agreed.steps.length, 'change')}?`))) return null;
  }
  return { ...request, agreed };
}

/** Runs it and shows the outcome. */
export async function runAndShow(
  session: Session,
  request: RunRequest,
  { isDryRun = request.dryRun } = {},
): Promise<number> {
  const { outcome } = await performRun(runContext(session), request);
  session.shell.result({ ...outcome, dryRun: isDryRun }, outcomeText);
  if (!request.dryRun) await notifyOthers(session);
  return outcome.exitCode;
}

/**
 * The run is over and shown: errors after it do not change its exit code.
 * @param seen the server as it is now, where that is known
 */
export async function notifyOthers(session: Session, seen: Snapshot | null = null): Promise<void> {
  await deliver(session).catch(() => {});
  // A file that cannot be written gets old, and the alert on its age reports that.
  const file = session.configuration.metrics?.file;
  if (file === undefined) return;
  const { writeMetrics } = await import('../status/write-metrics.ts');
  const write = async () => writeMetrics(session, file, seen ?? (await session.server.snapshot()));
  await write().catch(() => {});
}

/** What a run gets of a session. */
export function runContext(session: Session): RunContext {
  return {
    server: session.server,
    state: session.state,
    clock,
    newRunId: () => newRunId(clock.now()),
    pid: process.pid,
    handshake: tlsHandshaker(session.server, session.configuration.handshake),
    report: session.shell.progress,
    post: postInto(session),
    // A start that nobody watches may be one of a task.
    endsAt: session.shell.asks ? null : new Date(clock.now().getTime() - performance.now() + taskLimitMs),
    signal: session.shell.interruptible(),
  };
}

/**
 * The name of a run: its start in UTC to the millisecond, and a random part. It shows people when a run began by the
 * clock of that time; the state folder knows the order of runs.
 */
export function newRunId(now: Date): string {
  return `${runTime(now)}-${randomBytes(2).toString('hex')}`;
}
