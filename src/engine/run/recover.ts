import { orNull } from '../../base/errors.ts';
import type { Outcome } from '../../documents/runs/outcome.ts';
import type { Note, Plan } from '../../documents/runs/plan.ts';
import { foldJournal, isToRollBack, type StepProgress, stepError } from '../../documents/runs/step-progress.ts';
import { type HolderNow, isAdminChannel, kindOf, thumbprintOf, whyNotUnderRun } from '../../kinds/holder.ts';
import { holdersInUse } from '../../kinds/place.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import { byThumbprint } from '../../model/certificates/named-certificate.ts';
import type { StoredRun } from '../state/state.ts';
import { finish, undoWholeRun } from './carry-out.ts';
import { closeRun, log, outcomeOf } from './close-run.ts';
import type { RunContext } from './context.ts';
import { appendToJournal, type Execution, idsOf, report, stepsNow } from './execution.ts';
import type { RunRequest } from './request.ts';
import { startStopped } from './restart.ts';

export interface Recovered {
  readonly notes: readonly Note[];
  /** The run that a person has to know about before anything else may begin; `null` if there is none. */
  readonly instead: Outcome | null;
}

/** Finishes unfinished runs before anything else is done, and reports it. May itself be killed and repeated. */
export async function recoverRuns(
  context: RunContext,
  request: RunRequest,
  unfinished: readonly string[],
): Promise<Recovered> {
  const notes: Note[] = [];
  for (const run of unfinished) {
    report(context, 'recover', 0, 1);
    const recovered = await recoverRun(context, request, run);
    if (recovered === null) continue;
    const { outcome } = recovered;
    if (recovered.endsHere) return { notes, instead: outcome };
    const text = `Run ${run} had been interrupted. CertRebind finished it: ${outcome.result}.`;
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
  const opened = lines.find((line) => line.type === 'opened');
  if (opened === undefined) {
    if (lines.length + damagedLines.length > 0) return { outcome: await closeUnjudged(context, left), endsHere: true };
    // The first line is flushed before anything is changed.
    await context.state.discardRun(run);
    return null;
  }
  const { plan } = opened;
  const found = await context.server.holders(plan.steps.map(({ key }) => key));
  const journal = await context.state.reopenRun(run);
  const stored = await storedCertificates(context, plan);
  const { undo } = request.configuration;
  const steps = foldJournal(lines);
  const execution: Execution = { context, journal, plan, undo, stored, until: null, steps, silent: false, stop: null };
  await appendToJournal(execution, [{ type: 'recovering', pid: context.pid }]);
  await startStopped(execution);
  // If a line is damaged, any step that the other lines do not name may have been changed.
  const unnamed = damagedLines.length === 0 ? [] : stepsNow(execution).filter(({ state }) => state === 'planned');
  if (unnamed.length > 0) await appendToJournal(execution, [{ type: 'changing', steps: idsOf(unnamed) }]);
  // What could not be started proves nothing, and is left to the next run.
  const spared = execution.silent ? new Map() : await finishFound(execution, found);
  const ended = stepsNow(execution).map((progress) => waiting(progress, spared));
  const isRolledBack = ended.some(({ state }) => state === 'rolled-back' || state === 'rollback-failed');
  const outcome = await closeRun(context, {
    run,
    command: opened.command,
    startedAt: new Date(opened.at),
    plan,
    steps: ended,
    notes: [
      { code: 'recovered', text: `Run ${run} was interrupted, and a later run finished it.` },
      ...damageNotes(left),
    ],
    journal,
    listing: null,
    // Without an answer it is not known what was true at the try.
    snapshot: isRolledBack ? await orNull(() => context.server.snapshot()) : null,
    silent: execution.silent,
    leftFor: leftNote(run, spared),
  });
  return { outcome, endsHere: outcome.notes.some(({ code }) => code === 'left-open') };
}

/** @returns what is left to a run from elsewhere */
async function finishFound(execution: Execution, found: ReadonlyMap<KeyText, HolderNow>): Promise<LeftHolders> {
  await appendToJournal(
    execution,
    execution.plan.steps.map((step) => ({ type: 'found', step: step.id, now: found.get(step.key) ?? untold })),
  );
  const spared = await leftForLocalRun(execution);
  const own = idsOf(stepsNow(execution).filter(({ step }) => !spared.has(step.key)));
  await finish(execution, own);
  if (spared.size === 0) await undoWholeRun(execution);
  return spared;
}

type LeftHolders = ReadonlyMap<KeyText, 'yes' | 'unknown'>;

/**
 * Listeners through which this session may have come in: finishing their steps can change them. A session from
 * elsewhere does that, and until then the killed run stays open.
 */
async function leftForLocalRun(execution: Execution): Promise<LeftHolders> {
  const begun = stepsNow(execution).filter((progress) => progress.state === 'untested' || isToRollBack(progress));
  if (!begun.some(({ step }) => isAdminChannel(kindOf(step.key)))) return new Map();
  const keys = new Set(begun.map(({ step }) => step.key));
  return new Map(
    holdersInUse(await execution.context.server.snapshot()).flatMap(({ key, carriesRun }) =>
      carriesRun === 'no' || !keys.has(key) ? [] : [[key, carriesRun]],
    ),
  );
}

function waiting(progress: StepProgress, left: LeftHolders): StepProgress {
  const carries = left.get(progress.step.key);
  if (carries === undefined) return progress;
  const { key } = progress.step;
  const error = stepError('left-for-local-run', `${whyNotUnderRun(carries)} CertRebind left it as it is.`, key);
  return { ...progress, state: 'changing', error };
}

function leftNote(run: string, left: LeftHolders): Note | null {
  if (left.size === 0) return null;
  const keys = [...left.keys()].join(', ');
  const text =
    `Run ${run} is not finished: ${keys} has to be finished by a run outside this session. ` +
    'The scheduled task of CertRebind does this, or you do it at the console or over Remote Desktop. Until then no other run starts.';
  return { code: 'left-open', text };
}

/** Those that the plan concerns; without an answer the served chain says nothing. */
async function storedCertificates({ server }: RunContext, { steps }: Plan): Promise<Execution['stored']> {
  const thumbprints = steps.flatMap(({ before, wanted }) => [thumbprintOf(before) ?? [], thumbprintOf(wanted) ?? []]);
  return byThumbprint((await orNull(() => server.certificates([...new Set(thumbprints.flat())]))) ?? []);
}

/**
 * Ends a run whose plan cannot be read: it is not known how its records were before, so nothing can be judged or put
 * back. Its journal stays. The run is closed so that it does not block later runs.
 */
async function closeUnjudged(context: RunContext, { run, journal: [first] }: StoredRun): Promise<Outcome> {
  const outcome: Outcome = {
    ...outcomeOf(context, {
      run,
      startedAt: first === undefined ? context.clock.now() : new Date(first.at),
      plan: { purpose: 'recovery', blocked: [], skipped: [], renewals: [], notes: [] },
      steps: [],
      notes: [unjudgedNote(context, run)],
      kept: true,
    }),
    result: 'needs-attention',
    exitCode: 5,
  };
  await (await context.state.reopenRun(run)).close(outcome);
  await log(context, outcome);
  return outcome;
}

const untold: HolderNow = { state: 'unknown', why: 'The server did not answer.' };

function unjudgedNote({ state: { folder } }: RunContext, run: string): Note {
  const text =
    `The first line of the journal of run ${run} cannot be read, so it is not known what the run changed. ` +
    `CertRebind changed nothing. The journal is kept in the folder of the run in ${folder}. ` +
    'Check the server, then run the command again.';
  return { code: 'journal-damaged', text };
}

function damageNotes({ run, damagedLines }: StoredRun): readonly Note[] {
  if (damagedLines.length === 0) return [];
  const which = damagedLines.length === 1 ? 'Line' : 'Lines';
  const text = `${which} ${damagedLines.join(', ')} of the journal of run ${run} cannot be read. CertRebind judged the steps in them by the current state of the server.`;
  return [{ code: 'journal-damaged', text }];
}
