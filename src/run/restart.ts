import type { Step } from '../documents/runs/plan.ts';
import { type StepProgress, stepError, wasRestarting } from '../documents/runs/step-progress.ts';
import {
  type Holder,
  type HolderNow,
  isUseHidden,
  kindOf,
  lastResortOf,
  sameHolder,
  thumbprintOf,
  whyNotInUse,
} from '../holders/holder.ts';
import type { Restart } from '../holders/kind-rules.ts';
import type { Change } from '../server/server.ts';
import { CertRebindError, orError } from '../text/errors.ts';
import { askServer, placeOfStep, restoreTo } from './ask-server.ts';
import { dialAll } from './baseline.ts';
import type { RunContext } from './context.ts';
import { type Execution, report, stepsNow, tell } from './execution.ts';

/** A service may take so long until it answers. */
const startLimitMs = 90_000;
/** One that answers with another certificate has read it already; a proxy before it may lag a little. */
const otherLimitMs = 10_000;
/** Each try may stand in the log of the service. */
const pauseMs = 2000;

/**
 * Services that answered nobody before the run cannot show whether they start with another certificate. They are not
 * changed.
 */
export async function refuseUnanswered(execution: Execution): Promise<void> {
  const unanswered = stepsNow(execution).filter(
    ({ step, before }) =>
      step.restart !== undefined &&
      step.turn !== 'debt' &&
      !before.some(({ handshake }) => handshake.result === 'served'),
  );
  await tell(
    execution,
    unanswered.map(({ step: { id, key, restart } }) => {
      const message = `${restart?.at(-1)} did not answer before the change, so no test could show whether it starts with another certificate.`;
      return { type: 'not-attempted', steps: [id], error: stepError('service-unanswered', message, key) };
    }),
  );
}

/** Restarts what has to read its new certificate, and waits until clients get it. */
export async function restartChanged(execution: Execution, ids: readonly number[]): Promise<void> {
  const changed = stepsNow(execution, ids).filter((one) => one.isStale && isUntested(one));
  for (const progress of changed) await restartUntilUsed(execution, progress, progress.step.wanted);
}

/** Recovery, before anything else: what a killed run may have left stopped is started. */
export async function startStopped(execution: Execution): Promise<void> {
  for (const { step } of stepsNow(execution).filter(wasRestarting))
    await order(execution, startsOf(step.restart ?? []));
}

/**
 * Recovery of changes that a killed run may not have carried through: nothing is stopped for them. What serves its new
 * certificate has been restarted; everything else gets its old one again.
 */
export async function judgeInterrupted(execution: Execution, ids: readonly number[]): Promise<void> {
  for (const progress of stepsNow(execution, ids).filter((one) => one.isStale && isUntested(one))) {
    const why = isUseHidden(kindOf(progress.step.key))
      ? 'it cannot show that it does.'
      : await whyNotServed(execution, progress, progress.step.wanted);
    const error = why === null ? null : `The run was interrupted before its service used the certificate: ${why}`;
    await tell(execution, [{ type: 'restarted', step: progress.step.id, seconds: null, error }]);
  }
}

/** How a rollback leaves a service, and what is wrong still; `null` if clients get the old certificate. */
export interface BackInUse {
  readonly now: HolderNow;
  readonly trouble: string | null;
}

/**
 * After the old certificate is set again: a service that does not serve it is restarted. If it does not start with it
 * either, it gets what it starts with by itself.
 */
export async function restartBack(execution: Execution, progress: StepProgress): Promise<BackInUse> {
  const { step, now } = progress;
  const wasRestarted = isUseHidden(kindOf(step.key)) && progress.restarts.length > 0;
  if (!wasRestarted && (await whyNotServed(execution, progress, step.before, 0)) === null)
    return { now, trouble: null };
  const trouble = await restartUntilUsed(execution, progress, step.before);
  const last = lastResortOf(step.before);
  if (trouble === null || last === null || execution.silent) return { now, trouble };
  const [answered] = await askServer(execution, [{ progress, change: restoreTo(last) }]);
  const said = await order(execution, startsOf(step.restart ?? []));
  const started = said === null ? 'and it was started with one that it makes itself' : `and it did not start: ${said}`;
  return { now: answered?.now ?? now, trouble: `${trouble} So its certificate was cleared, ${started}.` };
}

/** Some need it twice (fidelity: sstp-second-restart). @returns why it does not use its certificate; `null` if it does */
async function restartUntilUsed(
  execution: Execution,
  progress: StepProgress,
  holder: Holder | null,
): Promise<string | null> {
  const why = await restart(execution, progress, holder);
  if (why === null || !isUseHidden(kindOf(progress.step.key)) || execution.silent || execution.stop !== null)
    return why;
  return restart(execution, progress, holder);
}

async function restart(execution: Execution, progress: StepProgress, holder: Holder | null): Promise<string | null> {
  const { id, key, restart: services = [] } = progress.step;
  const { clock } = execution.context;
  report(execution.context, 'restart', 0, 1, key);
  const wasStopped = execution.stop !== null;
  await tell(execution, [{ type: 'restarting', step: id, services }]);
  // Without that line a recovery would not know what to start.
  const unwritten = !wasStopped && execution.stop !== null;
  const begun = clock.now().getTime();
  const said = unwritten
    ? (execution.stop?.message ?? '')
    : await order(execution, [...services.map((service) => control(service, 'stop')), ...startsOf(services)]);
  if (execution.silent) return said;
  const why = await whyNotServed(execution, progress, holder, said === null ? startLimitMs : otherLimitMs);
  const error = why === null ? null : said === null ? why : `${why} The server said: ${said}`;
  const seconds = (clock.now().getTime() - begun) / 1000;
  await tell(execution, [{ type: 'restarted', step: id, seconds, error }]);
  return error;
}

/** @returns what the server said of what failed; `null` for nothing */
async function order(execution: Execution, changes: readonly Change[]): Promise<string | null> {
  if (execution.silent) return 'The server stopped answering earlier in this run.';
  try {
    const errors = (await execution.context.server.change(changes)).flatMap(({ error }) => error ?? []);
    if (errors.some(({ code }) => code === 'silent')) {
      execution.silent = true;
      execution.stop ??= stepError('server-silent', 'The server stopped answering during a restart.', null);
    }
    return errors.length === 0 ? null : errors.map(({ message }) => message).join(' ');
  } catch (error) {
    if (!(error instanceof CertRebindError)) throw error;
    return error.message;
  }
}

async function whyNotServed(
  { context }: Execution,
  { step }: StepProgress,
  holder: Holder | null,
  limitMs = startLimitMs,
): Promise<string | null> {
  const { clock } = context;
  const wanted = thumbprintOf(holder);
  const begun = clock.now().getTime();
  for (;;) {
    const seen = [...(await dialAll(context, step.verify, 'prove')).values()].map(({ handshake }) => handshake);
    const other = seen.find(({ thumbprint }) => thumbprint !== wanted);
    if (seen.length > 0 && other === undefined) return holder === null ? null : await whyNotKept(context, step, holder);
    if (other?.result !== 'served' && (await hasEnded(context, step.restart)))
      return `${step.restart?.at(-1)} has stopped again.`;
    const passed = clock.now().getTime() - begun;
    if (passed >= Math.min(limitMs, other?.result === 'served' ? otherLimitMs : startLimitMs))
      return `${step.restart?.at(-1)} ${other?.result === 'served' ? `serves ${other.thumbprint}` : `does not answer${other?.reason == null ? '' : `: ${other.reason}`}`}.`;
    await clock.sleep(pauseMs);
  }
}

/** A service that starts may write its settings itself. */
async function whyNotKept({ server }: RunContext, step: Step, holder: Holder): Promise<string | null> {
  if (!isUseHidden(holder.kind)) return null;
  const now = await server.holders(placeOfStep(step)).then((found) => found.get(step.key), failed);
  if (now?.state !== 'holds') return `${step.restart?.at(-1)} answers, and its settings cannot be read.`;
  const lost = sameHolder(holder, now.holder) ? null : 'Its settings are not what was set before it started.';
  return lost ?? whyNotInUse(now.holder);
}

function failed(error: unknown): undefined {
  if (!(error instanceof CertRebindError)) throw error;
}

/** One that ended is waited for in vain. */
async function hasEnded({ server }: RunContext, services: Restart = []): Promise<boolean> {
  const [name] = services.slice(-1);
  const seen = name === undefined ? [] : await orError(() => server.services([{ name, port: null }]));
  return !(seen instanceof CertRebindError) && seen[0]?.state === 'stopped';
}

function isUntested({ state }: StepProgress): boolean {
  return state === 'untested' || state === 'repaired';
}

function startsOf(services: readonly string[]): readonly Change[] {
  return services.toReversed().map((service) => control(service, 'start'));
}

function control(service: string, what: 'stop' | 'start'): Change {
  return { do: 'control-service', service, order: what };
}
