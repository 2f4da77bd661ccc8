import { CertRebindError } from '../../base/errors.ts';
import type { JournalEntry, JournalLine } from '../../documents/runs/journal.ts';
import type { StepError } from '../../documents/runs/outcome.ts';
import type { Plan } from '../../documents/runs/plan.ts';
import type { Stage } from '../../documents/runs/progress.ts';
import { afterAll, type StepProgress, type Steps, stepError } from '../../documents/runs/step-progress.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import type { RunJournal } from '../state/state.ts';
import type { RunContext } from './context.ts';

/** A run that has begun: its journal is open and may name records as changing. */
export interface Execution {
  readonly context: RunContext;
  readonly journal: RunJournal;
  readonly plan: Plan;
  readonly undo: 'step' | 'run';
  /** The certificates of the stores, which tell what is to be sent with one; empty if they were not told. */
  readonly stored: ReadonlyMap<Thumbprint, Certificate>;
  /** When its task is ended or the window closes, in milliseconds; `null` for never. */
  readonly until: number | null;
  /** By their ids, in the order of the plan. Only `tell` changes it. */
  steps: Steps;
  /** Whether the server stopped answering. A call that hangs may still be at work, so nothing more is sent. */
  silent: boolean;
  /** Why no further step may begin; those that have begun are finished. */
  stop: StepError | null;
}

/** All steps in their current state, or those of these ids. */
export function stepsNow({ steps }: Pick<Execution, 'steps'>, ids?: readonly number[]): readonly StepProgress[] {
  return ids === undefined ? [...steps.values()] : ids.flatMap((id) => steps.get(id) ?? []);
}

export function idsOf(steps: readonly StepProgress[]): readonly number[] {
  return steps.map(({ step }) => step.id);
}

/**
 * Writes what has happened; the state of steps only changes through this. A journal that can no longer be written must
 * not stop a run from finishing, because a later recovery can read the records themselves. But nothing new may begin.
 */
export async function appendToJournal(execution: Execution, lines: readonly JournalEntry[]): Promise<void> {
  if (lines.length === 0) return;
  const at = execution.context.clock.now().toISOString();
  try {
    await execution.journal.append(...lines.map((line): JournalLine => ({ at, ...line })));
  } catch (error) {
    if (!(error instanceof CertRebindError)) throw error;
    execution.stop ??= stepError('stopped', `The journal can no longer be written: ${error.message}`, error.where);
  }
  execution.steps = afterAll(execution.steps, lines);
}

export function report(
  context: RunContext,
  stage: Stage,
  done: number,
  total: number,
  key: KeyText | null = null,
): void {
  context.report.progress({ stage, done, total, key });
}
