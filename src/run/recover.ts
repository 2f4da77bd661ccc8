import type { JournalLine } from '../model/journal.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Note } from '../model/plan.ts';
import type { RecoveryStep } from '../model/recovery.ts';
import { keyOfStep } from '../model/step-standing.ts';
import type { RecordNow } from '../model/tls-record.ts';
import { readRecords } from '../server/server.ts';
import type { StoredRun } from '../state/state.ts';
import { finish, undoWholeRun } from './carry-out.ts';
import { closeRun, log, outcomeOf } from './close-run.ts';
import type { RunContext } from './context.ts';
import { beginStep, type Execution, report, type StepProgress, stepError, tell } from './execution.ts';
import type { RunRequest } from './request.ts';

export interface Recovered {
  readonly notes: readonly Note[];
  /** Of a run that a person has to know of before anything else may begin; `null` when there is none. */
  readonly instead: Outcome | null;
}

/** Brings every unfinished run to its end before anything else is done, and says so. May itself be killed and repeated. */
export async function recoverUnfinished(context: RunContext, request: RunRequest): Promise<Recovered> {
  const notes: Note[] = [];
  for (const run of await context.state.unfinishedRuns()) {
    report(context, 'recover', 0, 1);
    const recovered = await recoverRun(context, request, run);
    if (recovered === null) continue;
    const { outcome } = recovered;
    if (recovered.endsHere) return { notes, instead: outcome };
    const text = `Run ${run} had not come to its end; it was brought there: ${outcome.result}.`;
    notes.push({ code: 'recovered', text }, ...outcome.notes.filter(({ code }) => code === 'journal-damaged'));
  }
  return { notes, instead: null };
}

async function recoverRun(
  context: RunContext,
  request: RunRequest,
  run: string,
): Promise<{ readonly outcome: Outcome; readonly endsHere: boolean } | null> {
  const left = await context.state.readRun(run);
  const { journal: lines, damagedLines } = left;
  const opened = lines.find(isOpening);
  if (opened === undefined) {
    if (lines.length + damagedLines.length > 0) return { outcome: await closeUnjudged(context, left), endsHere: true };
    // The first line is flushed before anything is changed.
    await context.state.discardRun(run);
    return null;
  }
  const { plan } = opened;
  const records = await readRecords(context.server, plan.steps.map(keyOfStep));
  const journal = await context.state.reopenRun(run);
  const execution: Execution = {
    context,
    journal,
    plan,
    undo: request.undo,
    steps: stepsAsLeft(opened, lines, records, request.planRecovery(plan, left, records)),
    silent: false,
    stop: null,
  };
  await tell(execution, [{ type: 'recovering', pid: context.pid }]);
  await finish(execution, execution.steps);
  await undoWholeRun(execution);
  const outcome = await closeRun(context, {
    run,
    command: opened.command,
    startedAt: new Date(opened.at),
    plan,
    steps: execution.steps,
    notes: [recoveredNote(run), ...damageNotes(left)],
    journal,
    listing: null,
    alert: null,
    silent: execution.silent,
  });
  return { outcome, endsHere: !execution.silent && outcome.notes.some(({ code }) => code === 'left-open') };
}

/**
 * Ends a run whose plan cannot be read: how its records were before it is not known, so nothing can be judged or put back.
 * Its journal stays. Closed, so that it keeps no later run from working.
 */
async function closeUnjudged(context: RunContext, { run, journal: [first] }: StoredRun): Promise<Outcome> {
  const outcome: Outcome = {
    ...outcomeOf(context, {
      run,
      command: 'recovery',
      startedAt: first === undefined ? context.clock.now() : new Date(first.at),
      plan: { blocked: [], skipped: [], renewals: [], notes: [] },
      steps: [],
      notes: [unjudgedNote(context, run)],
    }),
    result: 'needs-attention',
    exitCode: 5,
  };
  await (await context.state.reopenRun(run)).close(outcome);
  await log(context, outcome);
  return outcome;
}

function stepsAsLeft(
  { plan, baseline }: Opening,
  lines: readonly JournalLine[],
  records: ReadonlyMap<StepProgress['key'], RecordNow>,
  recovery: readonly RecoveryStep[],
): readonly StepProgress[] {
  const observed = new Map(baseline.map(({ step, observations }) => [step, observations]));
  const decided = new Map(recovery.map((step) => [step.step, step]));
  const whyPutBack = reasonsToPutBack(lines);
  return plan.steps.map((step) => {
    const progress = beginStep(step, observed.get(step.id) ?? []);
    progress.now = records.get(progress.key) ?? { state: 'unknown', why: 'The server did not tell.' };
    resume(progress, decided.get(step.id), whyPutBack.get(step.id) ?? null);
    return progress;
  });
}

/**
 * A step as it stands when its run is taken up again.
 * @param whyPutBack why the killed run had begun to put the record back; `null` when it had not
 */
function resume(progress: StepProgress, decided: RecoveryStep | undefined, whyPutBack: string | null): void {
  const reason = whyPutBack === null ? null : stepError('swap-failed', whyPutBack, progress.key);
  switch (decided?.action) {
    case undefined:
    case 'none':
      Object.assign(
        progress,
        reason === null ? { error: neverChanged(progress) } : { result: 'undone', error: reason },
      );
      break;
    case 'prove':
    case 'repair':
      progress.next = decided.action;
      break;
    case 'put-back':
      Object.assign(progress, { next: 'put-back', error: reason ?? recordLost(progress) });
      break;
    case 'leave':
      Object.assign(progress, { result: 'undo-failed', error: left(progress) });
      break;
  }
}

function neverChanged({ key }: StepProgress): StepProgress['error'] {
  return stepError('stopped', 'The run was killed before this record was changed.', key);
}

function recordLost({ key }: StepProgress): StepProgress['error'] {
  return stepError('record-lost', 'The run was killed while it changed this record, and the record was gone.', key);
}

function left({ key, now }: StepProgress): StepProgress['error'] {
  return now.state === 'unknown'
    ? stepError('server-silent', `The run was killed, and how this record stands is not known: ${now.why}`, key)
    : stepError('changed-meanwhile', 'The run was killed, and others changed this record since; it was left so.', key);
}

function recoveredNote(run: string): Note {
  return { code: 'recovered', text: `Run ${run} was killed and brought to its end by a later one.` };
}

function unjudgedNote({ state: { folder } }: RunContext, run: string): Note {
  const text =
    `The first line of the journal of run ${run} cannot be read, so what it changed, and how that was before, is not known. ` +
    `Nothing was done about it, and nothing else was begun; its journal stays in the folder of the run below ${folder}. ` +
    'Compare the records with certrebind doctor and certrebind verify, then run this again.';
  return { code: 'journal-damaged', text };
}

function damageNotes({ run, damagedLines }: StoredRun): readonly Note[] {
  if (damagedLines.length === 0) return [];
  const which = damagedLines.length === 1 ? 'Line' : 'Lines';
  const text = `${which} ${damagedLines.join(', ')} of the journal of run ${run} cannot be read. Records that nothing else in it names were judged by how they stand.`;
  return [{ code: 'journal-damaged', text }];
}

type Opening = Extract<JournalLine, { type: 'opened' }>;

function isOpening(line: JournalLine): line is Opening {
  return line.type === 'opened';
}

/** By the steps that the killed run had begun to put back. */
function reasonsToPutBack(lines: readonly JournalLine[]): ReadonlyMap<number, string> {
  const reasons = new Map<number, string>();
  for (const line of lines) {
    if (line.type === 'putting-back') reasons.set(line.step, line.why);
    else if (line.type === 'put-back' && !reasons.has(line.step)) reasons.set(line.step, reasonLost);
  }
  return reasons;
}

const reasonLost = 'The run had put this record back; why is in a line of its journal that cannot be read.';
