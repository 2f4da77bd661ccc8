import { hintWithLines } from '../../base/codes/entry.ts';
import { type StepErrorCode, stepErrorCodes } from '../../base/codes/error-codes.ts';
import { differences, type HolderNow, recordsIn, sameHolder, thumbprintOf } from '../../kinds/holder.ts';
import type { Restart } from '../../kinds/kind-rules.ts';
import type { Observation } from '../../model/certificates/handshake.ts';
import type { JournalEntry, JournalLine, Proof, ServerError } from './journal.ts';
import type { StepError } from './outcome.ts';
import { type Step, taskOf } from './plan.ts';
import type { State } from './step-states.ts';

/** The state of one step so far, computed from the lines of its journal and nothing else. */
export interface StepProgress {
  readonly step: Step;
  readonly state: State;
  readonly now: HolderNow;
  readonly before: readonly Observation[];
  readonly after: readonly Observation[];
  readonly repairedOptions: readonly string[];
  /** Whether its service has not been seen with the certificate that is set. */
  readonly isStale: boolean;
  /** Of its services, the last one not over if its end is not told. */
  readonly restarts: readonly {
    readonly services: Restart;
    /** Whether its end is told. */
    readonly isOver: boolean;
    readonly seconds: number | null;
    readonly error: string | null;
    readonly isRefused?: true;
    readonly unstarted?: readonly string[];
  }[];
  readonly error: StepError | null;
  /** Why it had to be rolled back, if that was begun. */
  readonly why: StepError | null;
}

/** Whether a restart has begun whose end is not told. */
export function wasRestarting({ restarts }: StepProgress): boolean {
  return restarts.at(-1)?.isOver === false;
}

export function beginStep(step: Step, before: readonly Observation[]): StepProgress {
  const now: HolderNow = step.before === null ? { state: 'absent' } : { state: 'holds', holder: step.before };
  return {
    step,
    state: 'planned',
    now,
    before,
    after: [],
    repairedOptions: [],
    isStale: false,
    restarts: [],
    error: null,
    why: null,
  };
}

/** The only place where the state of a step changes, in a run and in its recovery alike. */
export function after(progress: StepProgress, line: JournalEntry): StepProgress {
  const { step } = progress;
  switch (line.type) {
    case 'opened':
    case 'recovering':
      return progress;
    case 'changing':
      return { ...progress, state: 'changing', isStale: step.restart !== undefined };
    case 'not-attempted':
      return { ...progress, state: 'not-attempted', error: line.error };
    case 'changed':
      return afterChange({ ...progress, now: line.now }, line.said);
    case 'restarting': {
      const restarts = [...progress.restarts, { services: line.services, isOver: false, seconds: null, error: null }];
      return { ...progress, state: progress.state === 'rolling-back' ? 'rolling-back' : 'changing', restarts };
    }
    case 'restarted':
      return afterRestart(progress, line);
    case 'repairing':
      return { ...progress, state: 'lost-options' };
    case 'repaired': {
      const { now, options } = line;
      if (compareStep(step, now) === 'as-wanted')
        return { ...progress, now, state: 'untested', repairedOptions: options, error: null };
      const why = `The change lost ${options.join(', ')}, and CertRebind could not restore it (${line.words}).`;
      return failed({ ...progress, now }, 'lost-options', 'options-lost', why);
    }
    case 'proved':
      return { ...progress, state: verifiedState(progress, line.proof), after: line.observations, error: line.error };
    case 'rolling-back': {
      // A service that was restarted uses what is rolled back now.
      const isStale = progress.isStale || progress.restarts.length > 0;
      return { ...progress, state: 'rolling-back', isStale, error: line.error, why: line.error };
    }
    case 'rolled-back':
      return afterRollBack({ ...progress, now: line.now, isStale: false }, line.words, line.trouble);
    case 'found':
      return asFound({ ...progress, now: line.now });
  }
}

function stepsOf(line: JournalEntry): readonly number[] {
  if ('steps' in line) return line.steps;
  return 'step' in line ? [line.step] : [];
}

export type Steps = ReadonlyMap<number, StepProgress>;

/** Every step of a run as the lines of its journal tell it, by id. */
export function foldJournal(lines: readonly JournalLine[]): Steps {
  const opened = lines.find((line) => line.type === 'opened');
  if (opened === undefined) return new Map();
  const observed = new Map(opened.baseline.map(({ step, observations }) => [step, observations]));
  const begun = new Map(opened.plan.steps.map((step) => [step.id, beginStep(step, observed.get(step.id) ?? [])]));
  return afterAll(begun, lines);
}

export function afterAll(steps: Steps, lines: readonly JournalEntry[]): Steps {
  const folded = new Map(steps);
  for (const line of lines) {
    for (const id of stepsOf(line)) {
      const progress = folded.get(id);
      if (progress !== undefined) folded.set(id, after(progress, line));
    }
  }
  return folded;
}

export function stepError(code: StepErrorCode, message: string, where: string | null): StepError {
  return { code, message, hint: hints.get(code) ?? null, where };
}

const hints: ReadonlyMap<string, string> = new Map(stepErrorCodes.map((entry) => [entry.code, hintWithLines(entry)]));

/** For a step that only checks, nothing counts as changed; without an answer it is checked again. */
function verifiedState({ step, state }: StepProgress, proof: Proof): State {
  const isServed = proof === 'verified' || proof === 'served-successor';
  switch (taskOf(step)) {
    case 'check':
      return isServed ? 'already' : 'still-old';
    case 'check-back':
      return isServed ? 'already' : 'still-served';
    default:
      return proof === 'none' ? state : proof;
  }
}

/**
 * How a holder relates to a step of a plan. `wanted-with-other-options` and `before-with-other-options`: the
 * certificate is right for that side, and something else differs.
 */
type Comparison =
  | 'as-before'
  | 'as-wanted'
  | 'wanted-with-other-options'
  | 'before-with-other-options'
  | 'absent'
  | 'foreign'
  | 'unknown';

export function compareStep({ before, wanted }: Step, now: HolderNow): Comparison {
  if (now.state === 'unknown') return 'unknown';
  const holder = now.state === 'holds' ? now.holder : null;
  if (sameHolder(wanted, holder)) return 'as-wanted';
  if (sameHolder(before, holder)) return 'as-before';
  if (holder === null) return 'absent';
  if (wanted !== null && thumbprintOf(holder) === thumbprintOf(wanted)) return 'wanted-with-other-options';
  if (before !== null && thumbprintOf(holder) === thumbprintOf(before)) return 'before-with-other-options';
  return 'foreign';
}

export function isAsBefore({ before }: Step, now: HolderNow): boolean {
  return now.state !== 'unknown' && sameHolder(before, now.state === 'holds' ? now.holder : null);
}

/** Judged by what was read back, never by what the server reported. */
function afterChange(progress: StepProgress, said: ServerError | null): StepProgress {
  const standing = compareStep(progress.step, progress.now);
  const words = said === null ? 'The server reported success.' : `The server said: ${said.message}`;
  const silence = `The server stopped answering during this change. ${said?.message ?? ''}`.trim();
  // The server checked before it changed anything: any other value there was written by others.
  if (said?.code === 'changed-meanwhile') {
    if (standing === 'as-wanted') return { ...progress, state: 'already', error: null };
    const state = standing === 'absent' ? 'absent' : standing === 'unknown' ? 'silent' : 'changed-by-others';
    return failed(progress, state, 'changed-meanwhile', byOthers);
  }
  switch (standing) {
    case 'as-wanted':
      return { ...progress, state: 'untested', error: null };
    case 'wanted-with-other-options':
    case 'before-with-other-options':
      return failed(progress, 'lost-options', 'options-lost', `${optionsLost} ${words}`);
    case 'absent':
      return failed(progress, 'absent', 'record-lost', `${recordLost} ${words}`);
    case 'as-before':
      if (said?.code === 'silent') return failed(progress, 'as-before', 'server-silent', silence);
      if (said !== null) return failed(progress, 'as-before', 'replace-failed', words);
      return failed(progress, 'as-before', 'replace-without-effect', withoutEffect);
    case 'foreign':
      return failed(progress, 'rollback-failed', 'changed-meanwhile', byOthers);
    case 'unknown':
      return failed(progress, 'silent', 'server-silent', silence);
  }
}

const byOthers = 'Someone else changed it after the plan was made. CertRebind left it as it is.';
const optionsLost = 'The change lost options of this certificate binding.';
const recordLost = 'The certificate binding was gone after the change.';
const withoutEffect = 'The server reported success, but nothing changed.';

function failed(progress: StepProgress, state: State, code: StepErrorCode, message: string): StepProgress {
  return { ...progress, state, error: stepError(code, message, progress.step.key) };
}

/** What a run has begun and must finish. */
export function isToRollBack({ state, error }: StepProgress): boolean {
  switch (state) {
    case 'worse':
    case 'lost-options':
    case 'rolling-back':
      return true;
    case 'absent':
      return error?.code === 'record-lost' || error?.code === 'interrupted';
    default:
      return false;
  }
}

/** A service that does not serve its new certificate is as bad as an endpoint that got worse. */
function afterRestart(
  progress: StepProgress,
  { seconds, error, isRefused, unstarted }: Extract<JournalEntry, { type: 'restarted' }>,
): StepProgress {
  const { state } = progress;
  const more = { ...(isRefused && { isRefused }), ...(unstarted && { unstarted }) };
  const told = { isOver: true, seconds, error, ...more };
  const restarts = progress.restarts.map((one) => (one.isOver ? one : { ...one, ...told }));
  const isBack = state === 'rolling-back';
  if (error === null) return { ...progress, restarts, isStale: false, state: isBack ? state : 'untested' };
  if (isBack) return { ...progress, restarts };
  return failed({ ...progress, restarts }, 'worse', seconds === null ? 'interrupted' : 'restart-failed', error);
}

function afterRollBack(progress: StepProgress, words: string | null, trouble: string | undefined): StepProgress {
  const { step, now } = progress;
  const why = progress.why ?? stepError('replace-failed', reasonLost, step.key);
  if (isAsBefore(step, now) && trouble === undefined) return { ...progress, state: 'rolled-back', error: why, why };
  const said = words === null ? '' : ` (${words})`;
  const service = trouble === undefined ? '' : ` ${trouble}`;
  const message = `${why.message} The rollback failed${said}: ${stateText(progress)}.${service}`;
  return { ...progress, state: 'rollback-failed', error: { ...why, message }, why };
}

const reasonLost = 'The run had rolled this back. The reason is in a journal line that cannot be read.';

function stateText({ step: { before }, now }: StepProgress): string {
  switch (now.state) {
    case 'holds':
      return before !== null && thumbprintOf(now.holder) === thumbprintOf(before)
        ? `it uses ${thumbprintOf(before)} again${differenceText(differences(before, now.holder))}`
        : `it now uses ${thumbprintOf(now.holder) ?? 'no certificate'}`;
    case 'absent':
      return 'it no longer exists';
    case 'unknown':
      return 'it is not known which certificate it uses now';
  }
}

function differenceText(options: readonly string[]): string {
  return options.length === 0 ? '' : `, but ${options.join(', ')} differs`;
}

/** How far a killed run got with a step. */
type Reached = 'untouched' | 'changing' | 'rolling-back';

/** How to finish a step of a killed run. `leave`: changed by others, or not readable; a person has to look. */
type Ending = 'none' | 'prove' | 'repair' | 'rolled-back' | 'leave';

/**
 * Rows: the state of the holder. Columns: what the run was doing to it when it ended. The holder decides; the journal
 * only tells what the run had begun.
 */
const recoveryTable: Readonly<Record<Comparison, Readonly<Record<Reached, Ending>>>> = {
  'as-before': { untouched: 'none', changing: 'none', 'rolling-back': 'none' },
  // A journal can have lost its end, so that a record was replaced although no line names it.
  'as-wanted': { untouched: 'prove', changing: 'prove', 'rolling-back': 'rolled-back' },
  'wanted-with-other-options': { untouched: 'leave', changing: 'repair', 'rolling-back': 'rolled-back' },
  // Only our own change can have lost the options while putting the certificate back.
  'before-with-other-options': { untouched: 'none', changing: 'leave', 'rolling-back': 'rolled-back' },
  absent: { untouched: 'none', changing: 'rolled-back', 'rolling-back': 'rolled-back' },
  foreign: { untouched: 'none', changing: 'leave', 'rolling-back': 'leave' },
  unknown: { untouched: 'none', changing: 'leave', 'rolling-back': 'leave' },
};

function asFound(progress: StepProgress): StepProgress {
  const { step, now } = progress;
  const reached = reachedOf(progress);
  const wasPuttingBack = reached === 'rolling-back';
  const error = wasPuttingBack ? progress.why : null;
  const standing = compareStep(step, now);
  const isLost = standing === 'before-with-other-options' && hasLostRecord(progress);
  switch (recoveryTable[isLost ? 'absent' : standing][reached]) {
    case 'none':
      // Its service may still have to be restarted.
      if (wasPuttingBack) return { ...progress, state: progress.isStale ? 'rolling-back' : 'rolled-back', error };
      return failed(progress, 'not-attempted', 'stopped', killedBefore);
    case 'prove':
      return { ...progress, state: 'untested', error };
    case 'repair':
      return { ...progress, state: 'lost-options', error };
    case 'rolled-back':
      if (wasPuttingBack) return { ...progress, state: 'rolling-back', error };
      return failed(progress, 'absent', 'interrupted', lostByKill);
    case 'leave':
      if (now.state !== 'unknown') return failed(progress, 'rollback-failed', 'changed-meanwhile', changedSinceKill);
      return failed(progress, 'silent', 'server-silent', `${unknownSinceKill} ${now.why}`);
  }
}

/** Where netsh deletes a certificate binding and makes it again, a kill between them leaves the holder without it. */
function hasLostRecord({ step, now }: StepProgress): boolean {
  if (step.before === null || now.state !== 'holds') return false;
  const left = new Set(recordsIn(now.holder).map(({ key }) => key));
  return recordsIn(step.before).some(({ key }) => !left.has(key));
}

const killedBefore = 'The run was interrupted before this change.';
const lostByKill = 'The run was interrupted during this change, and the certificate binding was gone.';
const unknownSinceKill = 'The run was interrupted, and the current setting is not known:';
const changedSinceKill = 'The run was interrupted, and someone else has changed it since. CertRebind left it as it is.';

function reachedOf({ state, error }: StepProgress): Reached {
  switch (state) {
    case 'planned':
    case 'not-attempted':
      return 'untouched';
    case 'rolling-back':
    case 'rolled-back':
      return 'rolling-back';
    case 'rollback-failed':
      return error?.code === 'changed-meanwhile' ? 'changing' : 'rolling-back';
    default:
      return 'changing';
  }
}
