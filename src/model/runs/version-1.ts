import type { Observation } from '../certificates/handshake.ts';
import type { Renewal } from '../certificates/renewal.ts';
import type { Thumbprint } from '../certificates/thumbprint.ts';
import { holderOf, holding, tlsHolder } from '../holders/holder.ts';
import type { RecordNow, TlsRecord } from '../holders/tls-record.ts';
import type { ErrorDocument } from '../text/errors.ts';
import type { JournalLine, Proof } from './journal.ts';
import type { Outcome, StepOutcome } from './outcome.ts';
import type { Plan, Purpose, Step } from './plan.ts';
import { sealPlan } from './seal-plan.ts';
import { stepError } from './step-progress.ts';
import type { RunResult, State } from './step-states.ts';

/*
 * What 0.1.0 wrote into the state folder, converted to today's shapes when it is read, so that its runs can be shown,
 * undone and recovered. Nothing writes these shapes any more.
 */

export type JournalLine1 =
  | {
      readonly schema: 'certrebind/journal/1';
      readonly at: string;
      readonly type: 'opened';
      readonly run: string;
      readonly command: string;
      readonly plan: Plan1;
      readonly baseline: readonly { readonly step: number; readonly observations: readonly Observation[] }[];
    }
  | { readonly at: string; readonly type: 'changing'; readonly steps: readonly number[] }
  | { readonly at: string; readonly type: 'repairing'; readonly step: number; readonly options: readonly string[] }
  | { readonly at: string; readonly type: 'proved'; readonly step: number; readonly proof: Proof }
  | { readonly at: string; readonly type: 'putting-back'; readonly step: number; readonly why: string }
  | { readonly at: string; readonly type: 'recovering'; readonly pid: number }
  | {
      readonly at: string;
      readonly type: 'changed' | 'put-back';
      readonly step: number;
      readonly now: RecordNow;
      readonly error: string | null;
    };

type Plan1 = Omit<Plan, 'schema' | 'digest' | 'purpose' | 'steps'> & { readonly steps: readonly Step1[] };

type Step1 = Omit<Step, 'key' | 'before' | 'wanted' | 'renewal'> &
  (
    | {
        readonly action: 'swap';
        readonly before: TlsRecord;
        readonly after: { readonly thumbprint: Thumbprint; readonly store: string };
        readonly renewal: Renewal;
      }
    | { readonly action: 'restore'; readonly before: TlsRecord | null; readonly record: TlsRecord }
    | { readonly action: 'remove'; readonly before: TlsRecord }
  );

export interface Outcome1 extends Omit<Outcome, 'schema' | 'counts' | 'steps' | 'result'> {
  readonly result: RunResult;
  readonly counts: Pick<Outcome['counts'], 'changed' | 'already' | 'blocked' | 'skipped' | 'undone' | 'failed'>;
  readonly steps: readonly StepOutcome1[];
}

interface StepOutcome1 extends Omit<StepOutcome, 'state' | 'error'> {
  readonly result: 'changed' | 'already' | 'not-attempted' | 'undone' | 'undo-failed' | 'failed';
  readonly proof: Proof;
  readonly error: ErrorDocument['error'] | null;
}

export function lineOfVersion1(line: JournalLine1): JournalLine {
  switch (line.type) {
    case 'changing':
    case 'repairing':
    case 'recovering':
      return line;
    case 'opened':
      return { ...line, schema: 'certrebind/journal/2', plan: planOfVersion1(line.plan, purposeOf(line.command)) };
    case 'proved':
      return { ...line, observations: [], error: null };
    case 'putting-back': {
      const { why, ...rest } = line;
      return { ...rest, error: stepError('swap-failed', why, null) };
    }
    case 'changed': {
      const { at, type, step, now, error } = line;
      const said = error === null ? null : ({ code: 'refused', message: error } as const);
      return { at, type, step, now: holderOf(now), said };
    }
    case 'put-back': {
      const { at, type, step, now, error } = line;
      return { at, type, step, now: holderOf(now), words: error };
    }
  }
}

/** 0.1.0 told purposes apart by the command that was typed. */
function purposeOf(command: string): Purpose {
  switch (command) {
    case 'undo':
      return 'undo';
    case 'rehearse':
      return 'rehearsal';
    case 'doctor':
      return 'repair';
    default:
      return 'rebind';
  }
}

function planOfVersion1(plan: Plan1, purpose: Purpose): Plan {
  return sealPlan({ ...plan, schema: 'certrebind/plan/2', purpose, steps: plan.steps.map(stepOfVersion1) });
}

function stepOfVersion1(step: Step1): Step {
  const { id, consumers, verify, notes } = step;
  const shared = { id, consumers, verify, notes };
  switch (step.action) {
    case 'swap': {
      const before = tlsHolder(step.before);
      const wanted = holding(before, step.after.thumbprint, step.after.store);
      return { ...shared, key: before.key, before, wanted, renewal: step.renewal };
    }
    case 'restore': {
      const before = step.before === null ? null : tlsHolder(step.before);
      return { ...shared, key: step.record.key, before, wanted: tlsHolder(step.record), renewal: null };
    }
    case 'remove':
      return { ...shared, key: step.before.key, before: tlsHolder(step.before), wanted: null, renewal: null };
  }
}

export function outcomeOfVersion1(outcome: Outcome1): Outcome {
  const steps = outcome.steps.map((step): StepOutcome => {
    const { result: _, proof: __, ...rest } = step;
    return { ...rest, state: stateOf(step, outcome.dryRun) };
  });
  const unproven = steps.filter(({ state }) => state === 'unproven').length;
  const planned = steps.filter(({ state }) => state === 'planned' || state === 'not-attempted').length;
  const counts = { ...outcome.counts, planned, unproven, stillOld: 0, waiting: 0 };
  return { ...outcome, schema: 'certrebind/outcome/2', kept: true, counts, steps };
}

function stateOf({ result, proof, now, repairedOptions, error }: StepOutcome1, dryRun: boolean): State {
  switch (result) {
    case 'changed':
      if (proof !== 'none') return proof;
      return repairedOptions.length > 0 ? 'repaired' : 'untested';
    case 'not-attempted':
      return dryRun ? 'planned' : result;
    case 'undone':
      return 'put-back';
    case 'undo-failed':
      return 'put-back-failed';
    case 'already':
      return result;
    case 'failed':
      if (now.state === 'unknown') return 'silent';
      if (now.state === 'absent') return 'absent';
      return error?.code === 'changed-meanwhile' ? 'changed-by-others' : 'as-before';
  }
}
