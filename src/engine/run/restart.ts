import { asResult, CertRebindError, orNull } from '../../base/errors.ts';
import { groupBy } from '../../base/group.ts';
import type { StepError } from '../../documents/runs/outcome.ts';
import type { Step } from '../../documents/runs/plan.ts';
import { type StepProgress, stepError, wasRestarting } from '../../documents/runs/step-progress.ts';
import {
  type Holder,
  type HolderNow,
  isUseHidden,
  kindOf,
  lastResortOf,
  sameHolder,
  thumbprintOf,
  whyNotInUse,
} from '../../kinds/holder.ts';
import type { Restart } from '../../kinds/kind-rules.ts';
import { type Change, serviceLimitMs } from '../../server/server.ts';
import { askServer, restoreTo } from './ask-server.ts';
import type { RunContext } from './context.ts';
import { appendToJournal, type Execution, report, stepsNow } from './execution.ts';
import { dialAll } from './prove.ts';

/** One that answers with another certificate has read it already; a proxy before it may lag a little. */
const otherLimitMs = 10_000;
/** A restart takes this at most: until the services have stopped, have started, and answer. */
const restartLimitMs = 3 * serviceLimitMs;
/** Each try may stand in the log of the service. */
const pauseMs = 2000;

/**
 * Services that answered nobody before the run, where clients meet them first, cannot show whether they start with another
 * certificate. They are not changed.
 */
export async function refuseUnanswered(execution: Execution): Promise<void> {
  const unanswered = stepsNow(execution).filter(
    ({ step, before }) =>
      step.restart !== undefined && step.turn !== 'debt' && before[0]?.handshake.result !== 'served',
  );
  await appendToJournal(
    execution,
    unanswered.map(({ step: { id, key, restart } }) => {
      const message = `${restart?.at(-1)} did not answer before the change, so no test could show whether it starts with another certificate.`;
      return { type: 'not-attempted', steps: [id], error: stepError('service-unanswered', message, key) };
    }),
  );
}

/**
 * Why no restart of these may begin now; `null` if it may. With its way back it has to be over before the task is ended or the
 * window closes: a service would stay stopped, or be restarted by day. What an earlier run left stopped is started at any time.
 */
export function whyNoTime(execution: Execution, group: readonly StepProgress[]): StepError | null {
  const { restart, turn } = group[0]?.step ?? {};
  if (restart === undefined || turn === 'debt') return null;
  const isHidden = group.some(({ step }) => isUseHidden(kindOf(step.key)));
  const needMs = (isHidden ? 3 : 2) * restartLimitMs;
  if (isTimeFor(execution, needMs)) return null;
  const message = `A restart of ${restart.at(-1)}, with its way back, may take ${needMs / 60_000} minutes, and less was left of the change window or of the hour that its task may take.`;
  return stepError('no-time-left', message, null);
}

function isTimeFor({ until, context }: Execution, ms: number): boolean {
  return until === null || context.clock.now().getTime() + ms <= until;
}

/** Steps with the same are of one service, which is restarted once for all of them; any other step is by itself. */
export function serviceOf({ id, restart }: Step): string {
  return restart?.join() ?? String(id);
}

/** Restarts what has to read its new certificates, and waits until clients get them. */
export async function restartChanged(execution: Execution, ids: readonly number[]): Promise<void> {
  const changed = stepsNow(execution, ids).filter((one) => one.isStale && isUntested(one));
  for (const group of groupBy(changed, ({ step }) => serviceOf(step)).values())
    await restartUntilUsed(execution, group, ({ wanted }) => wanted);
}

/** Recovery, before anything else: what a killed run may have left stopped is started. */
export async function startStopped(execution: Execution): Promise<void> {
  for (const [{ step }] of groupBy(stepsNow(execution).filter(wasRestarting), ({ step }) => serviceOf(step)).values())
    await order(execution, startsOf(step.restart ?? []));
}

/**
 * Recovery of changes that a killed run may not have carried through: nothing is stopped for them. What serves its new
 * certificate has been restarted; everything else gets its old one again.
 */
export async function judgeInterrupted(execution: Execution, ids: readonly number[]): Promise<void> {
  const back = stepsNow(execution, ids).filter((one) => one.state === 'rolling-back' && wasRestarting(one));
  const error = 'The run was interrupted during this restart.';
  await appendToJournal(
    execution,
    back.map(({ step: { id } }) => ({ type: 'restarted', step: id, seconds: null, error })),
  );
  for (const progress of stepsNow(execution, ids).filter((one) => one.isStale && isUntested(one))) {
    const why = isUseHidden(kindOf(progress.step.key))
      ? 'it cannot show that it does.'
      : await whyNotServed(execution, progress, progress.step.wanted);
    const error = why === null ? null : `The run was interrupted before its service used the certificate: ${why}`;
    await appendToJournal(execution, [{ type: 'restarted', step: progress.step.id, seconds: null, error }]);
  }
}

/** How a rollback leaves a service, and what is wrong still; `null` if clients get the old certificate. */
export interface BackInUse {
  readonly now: HolderNow;
  readonly trouble: string | null;
}

/**
 * After the old certificates of a service are set again: where it does not serve them, it is restarted. If it does not
 * start with one either, it gets what it starts with by itself.
 */
export async function restartBack(execution: Execution, group: readonly StepProgress[]): Promise<readonly BackInUse[]> {
  if (!group.some(isRestartNeeded) && (await servesOld(execution, group)))
    return group.map(({ now }) => ({ now, trouble: null }));
  const troubles = await restartUntilUsed(execution, group, ({ before }) => before);
  const left: BackInUse[] = [];
  for (const [at, progress] of group.entries()) left.push(await lastResort(execution, progress, troubles[at] ?? null));
  return left;
}

/** Clients do not show which one it uses, and it may have started with the new one. */
function isRestartNeeded({ step, restarts }: StepProgress): boolean {
  return isUseHidden(kindOf(step.key)) && restarts.some(({ isRefused }) => isRefused !== true);
}

async function servesOld(execution: Execution, group: readonly StepProgress[]): Promise<boolean> {
  for (const progress of group) {
    // A recovery may have started it just now.
    const limitMs = progress.restarts.at(-1)?.seconds === null ? serviceLimitMs : 0;
    if ((await whyNotServed(execution, progress, progress.step.before, limitMs)) !== null) return false;
  }
  return true;
}

async function lastResort(execution: Execution, progress: StepProgress, trouble: string | null): Promise<BackInUse> {
  const { step, now } = progress;
  const last = lastResortOf(step.before);
  if (trouble === null || last === null) return { now, trouble };
  const [answered] = await askServer(execution, [{ progress, change: restoreTo(last) }]);
  const { said } = await order(execution, startsOf(step.restart ?? []));
  const started = said === null ? 'and it was started with one that it makes itself' : `and it did not start: ${said}`;
  return { now: answered?.now ?? now, trouble: `${trouble} So its certificate was cleared, ${started}.` };
}

/** What a step has to be served with. */
type Use = (step: Step) => Holder | null;
/** For each step of a service: why that does not use its certificate; `null` where it does. */
type Unused = readonly (string | null)[];

/** Some need it twice (fidelity: sstp-second-restart). */
async function restartUntilUsed(execution: Execution, group: readonly StepProgress[], use: Use): Promise<Unused> {
  const unused = await restart(execution, group, use);
  const isHidden = group.some(({ step }) => isUseHidden(kindOf(step.key)));
  if (unused.every((why) => why === null) || !isHidden || execution.stop !== null) return unused;
  const isForth = group.some(({ state }) => state !== 'rolling-back');
  if (isForth && !isTimeFor(execution, 2 * restartLimitMs)) return unused;
  return restart(execution, group, use);
}

async function restart(execution: Execution, group: readonly StepProgress[], use: Use): Promise<Unused> {
  const { key = null, restart: services = [] } = group[0]?.step ?? {};
  const { clock } = execution.context;
  report(execution.context, 'restart', 0, 1, key);
  const wasStopped = execution.stop !== null;
  await appendToJournal(
    execution,
    group.map(({ step: { id } }) => ({ type: 'restarting', step: id, services })),
  );
  // Without that line a recovery would not know what to start.
  const unwritten = !wasStopped && execution.stop !== null;
  const begun = clock.now().getTime();
  const answer = unwritten
    ? { said: execution.stop?.message ?? '', isRefused: true }
    : await stopAndStart(execution, services);
  const { said, isRefused } = answer;
  if (execution.silent) return group.map(() => said);
  const started = clock.now().getTime();
  const unused: (string | null)[] = [];
  for (const progress of group) {
    const unserved = await whyNotServed(execution, progress, use(progress.step), serviceLimitMs, started);
    const why = unserved ?? whyNotRestarted(progress.step, answer);
    const error = why === null ? null : said === null ? why : `${why} The server said: ${said}`;
    const seconds = (clock.now().getTime() - begun) / 1000;
    const unstarted = await unstartedOf(execution, services, said);
    const more = { ...(isRefused ? { isRefused } : {}), ...(unstarted.length > 0 ? { unstarted } : {}) };
    await appendToJournal(execution, [{ type: 'restarted', step: progress.step.id, seconds, error, ...more }]);
    unused.push(error);
  }
  return unused;
}

interface Answer {
  /** What the server said of what failed; `null` for nothing. */
  readonly said: string | null;
  /** Whether it refused the last order. */
  readonly isRefused: boolean;
}

/** What did not stop is told to start as well: something before it may have stopped. */
async function stopAndStart(execution: Execution, services: Restart): Promise<Answer> {
  const stops = services.map((service) => control(service, 'stop'));
  const { said: unstopped, isRefused } = await order(execution, stops);
  if (execution.silent) return { said: unstopped, isRefused };
  const { said: unstarted } = await order(execution, startsOf(services));
  const said = [unstopped, unstarted].filter((words) => words !== null);
  return { said: said.length === 0 ? null : said.join(' '), isRefused };
}

async function order(execution: Execution, changes: readonly Change[]): Promise<Answer> {
  if (execution.silent) return { said: 'The server stopped answering earlier in this run.', isRefused: false };
  const reports = await asResult(() => execution.context.server.change(changes));
  if (reports instanceof CertRebindError) return { said: reports.message, isRefused: false };
  const errors = reports.flatMap(({ error }) => error ?? []);
  if (errors.some(({ code }) => code === 'silent')) {
    execution.silent = true;
    execution.stop ??= stepError('server-silent', 'The server stopped answering during a restart.', null);
  }
  const said = errors.length === 0 ? null : errors.map(({ message }) => message).join(' ');
  return { said, isRefused: reports.at(-1)?.error?.code === 'refused' };
}

/** One that was never stopped goes on with the certificate that it read, and nothing that clients get shows it. */
function whyNotRestarted({ key, restart = [] }: Step, { isRefused }: Answer): string | null {
  return isRefused && isUseHidden(kindOf(key)) ? `${restart.at(-1)} was not restarted.` : null;
}

/** What was stopped with a service that clients are served by again: each is told to start once more. */
async function unstartedOf(execution: Execution, services: Restart, said: string | null): Promise<readonly string[]> {
  const left = async () => {
    const states = await orNull(() => execution.context.server.services(services));
    return services.filter((_, at) => states?.[at] === 'stopped');
  };
  if (said === null || execution.silent) return [];
  const stopped = await left();
  if (stopped.length === 0) return [];
  await order(execution, startsOf(stopped));
  return left();
}

/** Only where clients got the certificate of before need they get another one. */
async function whyNotServed(
  { context }: Execution,
  { step, before }: StepProgress,
  holder: Holder | null,
  limitMs = serviceLimitMs,
  begun = context.clock.now().getTime(),
): Promise<string | null> {
  const { clock } = context;
  const wanted = thumbprintOf(holder);
  const old = thumbprintOf(step.before);
  const own = step.verify.filter((_, at) => before[at]?.handshake.thumbprint === old);
  const places = own.length > 0 ? own : step.verify;
  for (;;) {
    const seen = [...(await dialAll(context, places)).values()].map(({ handshake }) => handshake);
    const other = seen.find(({ thumbprint }) => thumbprint !== wanted);
    if (seen.length > 0 && other === undefined) return holder === null ? null : await whyNotKept(context, step, holder);
    if (other?.result !== 'served' && (await hasEnded(context, step.restart)))
      return `${step.restart?.at(-1)} has stopped again.`;
    const passed = clock.now().getTime() - begun;
    if (passed >= Math.min(limitMs, other?.result === 'served' ? otherLimitMs : serviceLimitMs))
      return `${step.restart?.at(-1)} ${other?.result === 'served' ? `serves ${other.thumbprint}` : `does not answer${other?.reason == null ? '' : `: ${other.reason}`}`}.`;
    await clock.sleep(pauseMs);
  }
}

/** A service that starts may write its settings itself. */
async function whyNotKept({ server }: RunContext, step: Step, holder: Holder): Promise<string | null> {
  if (!isUseHidden(holder.kind)) return null;
  const now = (await orNull(() => server.holders([step.key])))?.get(step.key);
  if (now?.state !== 'holds') return `${step.restart?.at(-1)} answers, and its settings cannot be read.`;
  const lost = sameHolder(holder, now.holder) ? null : 'Its settings are not what was set before it started.';
  return lost ?? whyNotInUse(now.holder);
}

/** One that ended is waited for in vain. */
async function hasEnded({ server }: RunContext, services: Restart = []): Promise<boolean> {
  const name = services.at(-1);
  return name !== undefined && (await orNull(() => server.services([name])))?.[0] === 'stopped';
}

function isUntested({ state }: StepProgress): boolean {
  return state === 'untested';
}

function startsOf(services: readonly string[]): readonly Change[] {
  return services.toReversed().map((service) => control(service, 'start'));
}

function control(service: string, what: 'stop' | 'start'): Change {
  return { do: 'control-service', service, order: what };
}
