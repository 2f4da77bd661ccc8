import { isDeepStrictEqual } from 'node:util';
import type { NoteCode } from '../../base/codes/plan-codes.ts';
import { asResult, CertRebindError, messageFrom } from '../../base/errors.ts';
import { mostMessages, type Notification } from '../../documents/notification.ts';
import type { Listing } from '../../documents/runs/ledger.ts';
import type { Counts, Outcome, StepOutcome } from '../../documents/runs/outcome.ts';
import { isWaiting, meetsFirst, type Note, type Plan, type Purpose } from '../../documents/runs/plan.ts';
import { type StepProgress, wasRestarting } from '../../documents/runs/step-progress.ts';
import {
  type CountName,
  changed,
  isApplied,
  type RunResult,
  resultWords,
  states,
} from '../../documents/runs/step-states.ts';
import { thumbprintOf } from '../../kinds/holder.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { seenAfterRun } from '../known/served.ts';
import type { RunJournal } from '../state/state.ts';
import type { RunContext } from './context.ts';
import { report } from './execution.ts';
import { hadNoTime, ledgerAfterRun } from './ledger-of.ts';
import { logEntry } from './log-entry.ts';
import { notificationOfOutcome } from './notification-of-run.ts';

export interface Ending {
  readonly run: string;
  /** What people are told; `rebind` also ends what an undo left open. Absent where the journal no longer tells it. */
  readonly command?: string;
  readonly startedAt: Date;
  readonly plan: Plan;
  readonly steps: readonly StepProgress[];
  readonly notes: readonly Note[];
  /** `null` for a run that never began to change anything, which leaves no folder. */
  readonly journal: RunJournal | null;
  /** When the event log was listed for this run's plan, if it was. */
  readonly listing: Listing | null;
  /** What the plan was made from; of a recovered run what is true now, `null` if that is not needed or not known. */
  readonly snapshot: Snapshot | null;
  readonly silent: boolean;
  /** Why the run stays open for a later one although the server answers; absent for no. */
  readonly leftFor?: Note | null;
}

/**
 * Closes a run and remembers it. The ledger is written before the outcome: a run that is killed between the two is
 * still unfinished, and its recovery writes both again; in the other order the next run could apply an undone renewal
 * again. A run that does not know the state of a record, because the server fell silent, is not closed: the next run
 * reads it and repairs what it finds.
 */
export async function closeRun(context: RunContext, ending: Ending): Promise<Outcome> {
  const { run, journal } = ending;
  report(context, 'close', 0, 1);
  const isLost = ending.silent && ending.steps.some((one) => one.now.state === 'unknown' || wasRestarting(one));
  const openNotes = [...(isLost ? [leftOpenNote(run)] : []), ...(ending.leftFor == null ? [] : [ending.leftFor])];
  const leftOpen = openNotes.length > 0;
  const notes = [...ending.notes, ...openNotes];
  const isVain = !leftOpen && triedInVain(ending);
  let outcome = outcomeOf(context, { ...ending, notes, kept: journal !== null && !isVain });
  try {
    const { news, dropped } = await remember(context, ending, outcome);
    outcome = { ...outcome, notes: [...outcome.notes, ...dropped] };
    await asResult(() => noteSeen(context, outcome));
    if (leftOpen || isVain) await journal?.abandon();
    else await journal?.close(outcome);
    if (isVain) await context.state.discardRun(run);
    if (news && !ending.silent) await log(context, outcome);
  } catch (error) {
    // Before any change an error is an error; afterwards nobody must be told that nothing was changed.
    if (journal === null || !(error instanceof CertRebindError)) throw error;
    await journal.abandon();
    return { ...outcome, result: 'needs-attention', exitCode: 5, notes: [...outcome.notes, unwrittenNote(run, error)] };
  }
  report(context, 'close', 1, 1);
  return outcome;
}

/** For views: what is lost of it is seen again when the endpoints are dialled. */
async function noteSeen({ state, clock }: RunContext, { steps }: Outcome): Promise<void> {
  if (steps.length === 0) return;
  await state.changeSeen((seen) => seenAfterRun(seen, steps, clock.now().toISOString()));
}

/** It only tried to pay debts and changed nothing: every hour would add such a run to the history. */
function triedInVain({ steps, plan, journal }: Ending): boolean {
  const isUnpaid = ({ step, state }: StepProgress) => step.turn === 'debt' && state === 'as-before';
  return journal !== null && plan.purpose === 'rebind' && steps.every(isUnpaid);
}

function leftOpenNote(run: string): Note {
  const text = `The server stopped answering, so run ${run} is not finished. The next command that changes something finishes it first.`;
  return { code: 'left-open', text };
}

function unwrittenNote(run: string, { message }: CertRebindError): Note {
  const text = `The outcome of run ${run} could not be saved (${message}). Correct that. The next command that changes something finishes the run first.`;
  return { code: 'left-open', text };
}

function droppedNote(why: string): Note {
  return { code: 'message-dropped', text: `A message about this run was dropped: ${why}` };
}

/** What an outcome says; a run that was not needed has no plan but an empty one. */
export type Summary = Pick<Ending, 'run' | 'command' | 'startedAt' | 'steps' | 'notes'> & {
  readonly plan: Pick<
    Plan,
    'purpose' | 'undoes' | 'blocked' | 'skipped' | 'owed' | 'renewals' | 'certificates' | 'notes'
  >;
  readonly kept: boolean;
};

/** Notes of steps that nobody who reads the outcome alone may miss. */
const saidAgain: ReadonlySet<NoteCode> = new Set(['names-fewer', 'trust-unknown', 'cannot-wait']);

export function outcomeOf(context: RunContext, ending: Summary, dryRun = false): Outcome {
  const { run, kept, startedAt, plan, notes } = ending;
  const steps: readonly StepOutcome[] = ending.steps.map((progress) => stepOutcome(progress, run));
  const said = ending.steps.flatMap(({ step, state }) =>
    changed(state) || dryRun ? step.notes.filter(({ code }) => saidAgain.has(code)) : [],
  );
  return {
    schema: 'certrebind/outcome/1',
    run,
    kept,
    dryRun,
    ...(plan.undoes === undefined ? {} : { undoes: plan.undoes }),
    ...(ending.command === undefined ? {} : { command: ending.command }),
    ...summarise({ steps, plan }),
    startedAt: startedAt.toISOString(),
    durationMs: Math.max(0, context.clock.now().getTime() - startedAt.getTime()),
    steps,
    blocked: plan.blocked,
    skipped: plan.skipped,
    renewals: plan.renewals,
    certificates: plan.certificates ?? [],
    notes: [
      ...notes,
      ...plan.notes,
      ...unstartedNotes(ending.steps),
      ...new Map(said.map((note) => [JSON.stringify(note), note])).values(),
    ],
    cost: context.server.cost(),
  };
}

/**
 * Writes the ledger where a run changed something in it, or has listed the event log.
 * @returns whether there is something to report, and a note if not everybody will receive it
 */
async function remember(
  context: RunContext,
  ending: Ending,
  outcome: Outcome,
): Promise<{ readonly news: boolean; readonly dropped: readonly Note[] }> {
  const { run, plan, journal, silent } = ending;
  const ledger = await context.state.readLedger();
  const at = context.clock.now().toISOString();
  if (journal === null && plan.steps.length > 0) return { news: false, dropped: [] };
  const { ledger: after, news } = ledgerAfterRun(
    ledger,
    plan,
    outcome.steps,
    { run, at },
    ending.snapshot,
    ending.command,
  );
  const isTold = (journal !== null && outcome.kept) || news.length > 0;
  const dropped = isTold && !silent ? await post(context, notificationOfOutcome(outcome, plan.server)) : [];
  if (journal !== null || ending.listing !== null || !isDeepStrictEqual(after, ledger))
    await context.state.writeLedger({ ...after, listing: ending.listing ?? ledger.listing });
  return { news: isTold, dropped };
}

/**
 * Into the outbox before anything else is written: if the run is killed after this, its recovery reports the same under
 * the same id. Failing to notify people is noted and does not fail a run.
 */
async function post(context: RunContext, news: Notification | null): Promise<readonly Note[]> {
  if (news === null || context.post === undefined) return [];
  try {
    const dropped = await context.post(news);
    if (dropped === 0) return [];
    const which = dropped === 1 ? 'One message was' : `${dropped} messages were`;
    return [droppedNote(`the outbox is full (${mostMessages} messages). ${which} dropped.`)];
  } catch (error) {
    return [droppedNote(`the outbox cannot be written (${messageFrom(error)}).`)];
  }
}

/** The entry is for people; a run that did its work has not failed because the log could not be written. */
export async function log(context: RunContext, outcome: Outcome): Promise<void> {
  const entry = logEntry(outcome);
  if (entry !== null) await asResult(() => context.server.change([entry]));
}

/** A service that was stopped for a restart stays as the last one left it. */
function unstartedNotes(steps: readonly StepProgress[]): readonly Note[] {
  const left = new Set(steps.flatMap(({ restarts }) => restarts.at(-1)?.unstarted ?? []));
  return [...left].map((service) => ({
    code: 'service-not-started',
    text: `${service} was stopped for the restart and did not start again. Start it: Start-Service '${service}'`,
  }));
}

function stepOutcome(progress: StepProgress, run: string): StepOutcome {
  const { step, now, error } = progress;
  const restarted = progress.restarts.map(({ isOver: _, ...restart }) => restart);
  return {
    id: step.id,
    key: step.key,
    state: progress.state,
    now: now.state === 'holds' ? { state: 'holds', thumbprint: thumbprintOf(now.holder) } : now,
    ...(restarted.length === 0 ? {} : { restarted }),
    repairedOptions: progress.repairedOptions,
    before: progress.before.map(({ handshake }) => handshake),
    after: progress.after.map(({ handshake }) => handshake),
    error: error === null ? null : { ...error, hint: error.hint?.replaceAll('<run>', run) ?? null },
  };
}

/** The result of a run; result, exit code and counts follow only from its steps and from what its plan left out. */
export function summarise(run: {
  readonly steps: readonly StepOutcome[];
  readonly plan: Pick<Plan, 'purpose' | 'blocked' | 'skipped' | 'owed'>;
}): Pick<Outcome, 'result' | 'exitCode' | 'counts'> {
  const counts = countsOf(run.steps, run.plan);
  const owed = new Set(run.plan.owed?.map(({ key }) => key));
  // As before is not good enough where an earlier run has left something wrong.
  const exitOf = ({ key, state, error }: StepOutcome) =>
    owed.has(key) && !isApplied(state) ? 5 : hadNoTime({ error }) ? 0 : states[state].exit;
  const exitCode = Math.max(counts.blocked > 0 ? 3 : 0, ...run.steps.map(exitOf));
  return { result: resultOf(exitCode, counts, run.plan.purpose), exitCode, counts };
}

/** What an undo changed counts as undone; what it rolled back itself does not. */
function countsOf(
  steps: readonly StepOutcome[],
  { purpose, blocked, skipped }: Pick<Plan, 'purpose' | 'blocked' | 'skipped'>,
): Counts {
  const tried = steps.filter((step) => !hadNoTime(step));
  const counted = (name: CountName) => tried.filter(({ state }) => states[state].counts.includes(name)).length;
  const found = skipped.filter((entry) => meetsFirst('already', entry)).length;
  const waiting = blocked.filter(isWaiting).length + (steps.length - tried.length);
  const isUndo = purpose === 'undo';
  return {
    planned: counted('planned'),
    changed: counted('changed'),
    already: counted('already') + found,
    blocked: blocked.filter((entry) => !isWaiting(entry)).length,
    skipped: skipped.length - found,
    undone: counted(isUndo ? 'changed' : 'undone'),
    failed: counted('failed') + (isUndo ? counted('undone') : 0),
    notVerified: counted('notVerified'),
    stillOld: counted('stillOld'),
    waiting,
  };
}

function resultOf(exitCode: number, counts: Counts, purpose: Purpose): RunResult {
  const words = resultWords[purpose];
  if (exitCode === 5) return 'needs-attention';
  if (exitCode === 4) return counts.changed > 0 || purpose === 'undo' ? words.partly : 'undone';
  if (counts.planned > 0) return words.would;
  if (exitCode === 3) return counts.changed > 0 ? words.partly : 'blocked';
  if (counts.changed === 0) return counts.waiting > 0 ? 'waiting' : 'nothing-to-do';
  return counts.waiting > 0 ? words.partly : words.done;
}
