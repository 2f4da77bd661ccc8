import type { StepErrorCode } from '../model/codes.ts';
import { stepErrorCodes } from '../model/codes.ts';
import { CertRebindError } from '../model/errors.ts';
import type { Observation } from '../model/handshake.ts';
import type { JournalLine } from '../model/journal.ts';
import type { Proof, StepOutcome } from '../model/outcome.ts';
import type { Plan, Step } from '../model/plan.ts';
import type { KeyText } from '../model/record-key.ts';
import { keyOfStep } from '../model/step-standing.ts';
import type { RecordNow } from '../model/tls-record.ts';
import type { RunJournal } from '../state/state.ts';
import type { RunContext, Stage } from './context.ts';

/** A run that has begun: its journal is open and may name records as changing. */
export interface Execution {
  readonly context: RunContext;
  readonly journal: RunJournal;
  readonly plan: Plan;
  readonly undo: 'step' | 'run';
  /** In the order of the plan. */
  readonly steps: readonly StepProgress[];
  /** The server stopped answering. Whatever hangs there may still be at work, so nothing more is said to it. */
  silent: boolean;
  /** Why no further step may begin; those that have begun are brought to their end. */
  stop: StepOutcome['error'];
}

/** What has become of one step so far; turned into its part of the outcome at the end. */
export interface StepProgress {
  readonly step: Step;
  readonly key: KeyText;
  readonly before: readonly Observation[];
  after: readonly Observation[];
  /** What has to be done about it next; it has its result once there is nothing. */
  next: 'repair' | 'prove' | 'put-back' | null;
  result: StepOutcome['result'];
  now: RecordNow;
  repairedOptions: readonly string[];
  proof: Proof;
  error: StepOutcome['error'];
}

export function beginStep(step: Step, before: readonly Observation[]): StepProgress {
  const now: RecordNow = step.before === null ? { state: 'absent' } : { state: 'holds', record: step.before };
  return {
    step,
    key: keyOfStep(step),
    before,
    after: [],
    next: null,
    result: 'not-attempted',
    now,
    repairedOptions: [],
    proof: 'none',
    error: null,
  };
}

export function stepError(code: StepErrorCode, message: string, where: string | null): StepOutcome['error'] {
  return { code, message, hint: hints.get(code) ?? null, where };
}

const hints: ReadonlyMap<string, string> = new Map(stepErrorCodes.map(({ code, hint }) => [code, hint]));

/**
 * Writes what has happened. A journal that cannot be written any more must not keep a run from finishing: the records
 * themselves tell a later recovery how they stand. But nothing new may begin.
 */
export async function tell(execution: Execution, lines: readonly Telling[]): Promise<void> {
  if (lines.length === 0) return;
  const at = execution.context.clock.now().toISOString();
  try {
    await execution.journal.append(...lines.map((line): JournalLine => ({ at, ...line })));
  } catch (error) {
    if (!(error instanceof CertRebindError)) throw error;
    execution.stop ??= stepError('stopped', `The journal cannot be written any more: ${error.message}`, error.where);
  }
}

/** A line without its time. */
export type Telling = JournalLine extends infer Line ? (Line extends JournalLine ? Omit<Line, 'at'> : never) : never;

export function report(
  context: RunContext,
  stage: Stage,
  done: number,
  total: number,
  key: KeyText | null = null,
): void {
  context.report.progress({ stage, done, total, key });
}
