import type { JournalLine } from '../model/journal.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Note } from '../model/plan.ts';
import type { RecoveryStep } from '../model/recovery.ts';
import { keyOfStep } from '../model/step-standing.ts';
import type { RecordNow } from '../model/tls-record.ts';
import { readRecords } from '../server/server.ts';
import { finish, undoWholeRun } from './carry-out.ts';
import { closeRun } from './close-run.ts';
import type { RunContext } from './context.ts';
import { beginStep, type Execution, report, type StepProgress, stepError, tell } from './execution.ts';
import type { RunRequest } from './request.ts';

export interface Recovered {
  readonly notes: readonly Note[];
  /** A run that was brought to its end, which could not be written down; nothing else may begin then. */
  readonly unwritten: Outcome | null;
}

/** Brings every unfinished run to its end before anything else is done, and says so. May itself be killed and repeated. */
export async function recoverUnfinished(context: RunContext, request: RunRequest): Promise<Recovered> {
  const notes: Note[] = [];
  for (const run of await context.state.unfinishedRuns()) {
    report(context, 'recover', 0, 1);
    const recovered = await recoverRun(context, request, run);
    if (recovered === null) continue;
    if (recovered.unwritten) return { notes, unwritten: recovered.outcome };
    const text = `Run ${run} had not come to its end; it was brought there: ${recovered.outcome.result}.`;
    notes.push({ code: 'recovered', text });
  }
  return { notes, unwritten: null };
}

async function recoverRun(
  context: RunContext,
  request: RunRequest,
  run: string,
): Promise<{ readonly outcome: Outcome; readonly unwritten: boolean } | null> {
  const { journal: lines } = await context.state.readRun(run);
  const opened = lines.find(isOpening);
  if (opened === undefined) {
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
    steps: stepsAsLeft(opened, lines, records, request.planRecovery(plan, lines, records)),
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
    notes: [recoveredNote(run)],
    journal,
    listing: null,
    alert: null,
    silent: execution.silent,
  });
  return { outcome, unwritten: !execution.silent && outcome.notes.some(({ code }) => code === 'left-open') };
}

function stepsAsLeft(
  { plan, baseline }: Opening,
  lines: readonly JournalLine[],
  records: ReadonlyMap<StepProgress['key'], RecordNow>,
  recovery: readonly RecoveryStep[],
): readonly StepProgress[] {
  const observed = new Map(baseline.map(({ step, observations }) => [step, observations]));
  const decided = new Map(recovery.map((step) => [step.step, step]));
  const whyPutBack = new Map(lines.filter(isPuttingBack).map(({ step, why }) => [step, why]));
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

type Opening = Extract<JournalLine, { type: 'opened' }>;

function isOpening(line: JournalLine): line is Opening {
  return line.type === 'opened';
}

type PuttingBack = Extract<JournalLine, { type: 'putting-back' }>;

function isPuttingBack(line: JournalLine): line is PuttingBack {
  return line.type === 'putting-back';
}
