import { asResult } from '../../base/errors.ts';
import { alreadySettled, emptyLedger, type Ledger } from '../../documents/runs/ledger.ts';
import type { Outcome } from '../../documents/runs/outcome.ts';
import type { Note } from '../../documents/runs/plan.ts';
import { after, beginStep, type StepProgress, stepError } from '../../documents/runs/step-progress.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { byThumbprint } from '../../model/certificates/named-certificate.ts';
import { policyFor } from '../plan/overrides.ts';
import type { State } from '../state/state.ts';
import { closeRun, type Ending, outcomeOf } from './close-run.ts';
import type { RunContext } from './context.ts';
import { type Execution, stepsNow } from './execution.ts';
import { ledgerAfterRun } from './ledger-of.ts';
import type { MadePlan } from './make-plan.ts';
import type { Recovered } from './recover.ts';
import type { RunRequest } from './request.ts';

export interface RunResult {
  readonly outcome: Outcome;
  /** The server as it was planned from; `null` if the run did not come to its own plan. */
  readonly seen: Snapshot | null;
}

/**
 * One run from the lock to the outcome. It carries out what the request plans and decides nothing itself; the result
 * for a record is always judged by reading the record back.
 * @throws CertRebindError when nothing was changed: `locked`, `plan-stale`, `other-server`, `unsafe-folder`, or a server or
 *   a state folder that cannot be used
 */
export async function performRun(context: RunContext, request: RunRequest): Promise<RunResult> {
  const startedAt = context.clock.now();
  const { state } = context;
  if (request.dryRun) return performDryRun(context, request, startedAt);
  const lock = await state.lock({ wait: request.wait, signal: context.signal });
  try {
    // A start that is refused for the lock, or a queued one that finds its renewal settled, does not use the server.
    if (await isSettled(context, request)) return { outcome: settled(context, startedAt), seen: null };
    await state.assertSafe();
    const mended = await rebuildLedger(context);
    // What cannot be cleaned up now is left to a later run, and does not affect this one.
    await asResult(async () => state.pruneRuns(mostRunsKept, await indebtedRuns(state)));
    const { instead, notes } = await recovered(context, request);
    if (instead !== null) return { outcome: { ...instead, notes: [...mended, ...instead.notes] }, seen: null };
    const result = await runUnderLock(context, request, startedAt, [...mended, ...notes]);
    await asResult(async () => {
      await state.pruneRuns(request.configuration.keepRuns, await indebtedRuns(state));
      await state.removeTemporaryFiles(new Date(context.clock.now().getTime() - longestWriteMs));
    });
    return result;
  } finally {
    await lock.release();
  }
}

async function recovered(context: RunContext, request: RunRequest): Promise<Recovered> {
  const unfinished = await context.state.unfinishedRuns();
  if (unfinished.length === 0) return { notes: [], instead: null };
  const { recoverRuns } = await import('./recover.ts');
  return recoverRuns(context, request, unfinished);
}

/** No file takes longer to write. */
const longestWriteMs = 3600_000;

/** The most that a configuration may keep: older runs are removed before anything else can fail because of them. */
const mostRunsKept = 10_000;

/** Their journals have the values that are still to be rolled back. */
async function indebtedRuns(state: RunContext['state']): Promise<ReadonlySet<string>> {
  return new Set((await state.readLedger()).pendingRollbacks.map(({ run }) => run));
}

async function runUnderLock(
  context: RunContext,
  request: RunRequest,
  startedAt: Date,
  ofRecovery: readonly Note[],
): Promise<RunResult> {
  const run = context.newRunId();
  const made = await planned(context, request);
  const { plan, snapshot: seen } = made;
  const begun = { run, command: request.command, startedAt, notes: ofRecovery, ...made };
  if (plan.steps.length === 0 || context.signal.aborted) return { outcome: await withoutChange(context, begun), seen };

  // Loaded late, like what recovers a run: most starts find nothing to do.
  const [{ dialAll, observationsOf }, { carryOut, showArchived }, { windowEnd }] = await Promise.all([
    import('./prove.ts'),
    import('./carry-out.ts'),
    import('../plan/change-window.ts'),
  ]);
  const endpoints = plan.steps.flatMap(({ verify }) => verify);
  const baseline = await dialAll(context, endpoints, 'baseline');
  const steps = plan.steps.map((step) => beginStep(step, observationsOf(step, baseline)));
  if (context.signal.aborted) return { outcome: await withoutChange(context, begun), seen };

  const ends = [
    windowEnd(seen, policyFor(request.configuration, request.overrides)),
    context.endsAt?.getTime() ?? null,
  ].filter((end) => end !== null);
  const stored = byThumbprint(seen.certificates);
  const until = ends.length === 0 ? null : Math.min(...ends);
  const execution = await openRun(context, request, begun, steps, { stored, until });
  try {
    await showArchived(context, plan);
    await carryOut(execution);
    const { journal, silent } = execution;
    const outcome = await closeRun(context, { ...begun, steps: stepsNow(execution), journal, silent });
    return { outcome, seen };
  } catch (error) {
    await execution.journal.abandon();
    throw error;
  }
}

/** From the flushed first line on, a process after a kill knows everything it needs to finish or to undo. */
async function openRun(
  context: RunContext,
  request: RunRequest,
  { run, plan }: Pick<Ending, 'run' | 'plan'>,
  steps: readonly StepProgress[],
  { stored, until }: Pick<Execution, 'stored' | 'until'>,
): Promise<Execution> {
  const journal = await context.state.openRun(run);
  await journal.append({
    schema: 'certrebind/journal/1',
    at: context.clock.now().toISOString(),
    type: 'opened',
    run,
    command: request.command,
    plan,
    baseline: steps.map(({ step, before }) => ({ step: step.id, observations: before })),
  });
  const byId = new Map(steps.map((progress) => [progress.step.id, progress]));
  const { undo } = request.configuration;
  return { context, journal, plan, undo, stored, until, steps: byId, silent: false, stop: null };
}

/**
 * Nothing to change, or stopped before the first change: no folder, and no write to the server except a new entry in
 * the log.
 */
function withoutChange(context: RunContext, begun: Omit<Ending, 'steps' | 'journal' | 'silent'>): Promise<Outcome> {
  const error = stepError('stopped', 'The run was stopped before it changed anything.', null);
  const steps = begun.plan.steps.map((step) =>
    after(beginStep(step, []), { type: 'not-attempted', steps: [step.id], error }),
  );
  return closeRun(context, { ...begun, steps, journal: null, silent: false });
}

/** Whether earlier runs have done everything that this start was for, and have finished. */
async function isSettled({ state, clock }: RunContext, { wanted }: RunRequest): Promise<boolean> {
  if (wanted.want !== 'pending' || wanted.event === undefined) return false;
  const { record, startedAt } = wanted.event;
  const isDone = alreadySettled(await state.readLedger(), record, { startedAt, now: clock.now() });
  return isDone && (await state.unfinishedRuns()).length === 0;
}

function settled(context: RunContext, startedAt: Date): Outcome {
  const plan = { purpose: 'rebind', blocked: [], skipped: [], renewals: [], notes: [] } as const;
  return outcomeOf(context, { run: context.newRunId(), startedAt, plan, steps: [], notes: [], kept: false });
}

async function performDryRun(context: RunContext, request: RunRequest, startedAt: Date): Promise<RunResult> {
  await context.state.assertSafe();
  const { plan, snapshot: seen } = await planned(context, request);
  const steps = plan.steps.map((step) => beginStep(step, []));
  const beginning = { run: context.newRunId(), startedAt, plan, steps, notes: [], kept: false };
  return { outcome: outcomeOf(context, beginning, true), seen };
}

/** Loaded late, with everything that plans: a queued start that finds its renewal settled needs none of it. */
async function planned(context: RunContext, request: RunRequest): Promise<MadePlan> {
  const { makePlan } = await import('./make-plan.ts');
  return makePlan(context, request, await context.state.readLedger());
}

/**
 * Replaces a damaged or missing ledger with one made from the history: with an empty one, the next task would apply again what a
 * person has undone. Call it under the lock.
 */
async function rebuildLedger({ state, clock }: RunContext): Promise<readonly Note[]> {
  const damage = await state.ledgerDamage();
  if (damage === null) {
    // One of another version is refused here: nothing is recovered with half of what is known.
    await state.readLedger();
    return [];
  }
  const kept = await state.replaceLedger(await ledgerOfRuns(state), clock.now());
  const text =
    `${damage.message}${kept === null ? '' : ` It is kept as ${kept}.`} CertRebind made a new one from the history. ` +
    'A renewal that an older run rolled back may be tried again.';
  return [{ code: 'ledger-mended', text }];
}

/** What the history tells of renewals and decisions; it has neither facts nor what runs without a change saw. */
export async function ledgerOfRuns(state: State): Promise<Ledger> {
  let ledger = emptyLedger;
  for (const { run, summary } of await state.listRuns()) {
    if (summary === null) continue;
    const { journal, outcome } = await state.readRun(run);
    const opened = journal.find((line) => line.type === 'opened');
    if (opened === undefined || outcome === null) continue;
    const at = new Date(Date.parse(outcome.startedAt) + outcome.durationMs).toISOString();
    const { plan, command } = opened;
    ({ ledger } = ledgerAfterRun(ledger, plan, outcome.steps, { run, at }, null, command));
  }
  return ledger;
}
