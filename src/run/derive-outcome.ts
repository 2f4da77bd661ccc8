import type { Counts, Outcome, RunResult, StepOutcome } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import type { StepProgress } from './execution.ts';

export function stepOutcome(progress: StepProgress): StepOutcome {
  const { step, key, now } = progress;
  return {
    id: step.id,
    key,
    result: progress.result,
    now: now.state === 'holds' ? { state: 'holds', thumbprint: now.record.thumbprint } : now,
    repairedOptions: progress.repairedOptions,
    proof: progress.proof,
    before: progress.before.map(({ handshake }) => handshake),
    after: progress.after.map(({ handshake }) => handshake),
    error: progress.error,
  };
}

/** What a run amounts to; result, exit code and counts follow from nothing but its steps and what its plan left out. */
export function summarise(run: {
  readonly steps: readonly StepOutcome[];
  readonly plan: Pick<Plan, 'blocked' | 'skipped'>;
  readonly isUndo: boolean;
  readonly dryRun: boolean;
}): Pick<Outcome, 'result' | 'exitCode' | 'counts'> {
  const counts = countsOf(run.steps, run.plan);
  const exitCode = run.dryRun ? exitOfBlocked(counts) : worstExit(run.steps, counts);
  return { result: resultOf(exitCode, counts, run.isUndo), exitCode, counts };
}

function countsOf(steps: readonly StepOutcome[], { blocked, skipped }: Pick<Plan, 'blocked' | 'skipped'>): Counts {
  const ended = (...results: readonly StepOutcome['result'][]) =>
    steps.filter(({ result }) => results.includes(result)).length;
  const found = skipped.filter(({ reason }) => reason === 'already').length;
  return {
    changed: ended('changed'),
    already: ended('already') + found,
    blocked: blocked.length,
    skipped: skipped.length - found,
    undone: ended('undone'),
    failed: ended('failed', 'undo-failed'),
  };
}

type RunExit = 0 | 3 | 4 | 5;

/** 5 > 4 > 3 > 0. */
function worstExit(steps: readonly StepOutcome[], counts: Counts): RunExit {
  const exits = steps.map(exitOfStep);
  if (exits.includes(5)) return 5;
  if (exits.includes(4)) return 4;
  return exitOfBlocked(counts);
}

function exitOfStep({ result, now }: StepOutcome): RunExit {
  switch (result) {
    case 'changed':
    case 'already':
      return now.state === 'unknown' ? 5 : 0;
    case 'undone':
    case 'not-attempted':
      return 4;
    case 'undo-failed':
      return 5;
    case 'failed':
      // A failed step has nothing of ours standing, provided that the record could be read and is there.
      return now.state === 'holds' ? 4 : 5;
  }
}

function exitOfBlocked({ blocked }: Counts): RunExit {
  return blocked > 0 ? 3 : 0;
}

function resultOf(exitCode: RunExit, { changed }: Counts, isUndo: boolean): RunResult {
  switch (exitCode) {
    case 5:
      return 'needs-attention';
    case 4:
      return changed > 0 ? 'partly-rebound' : 'undone';
    case 3:
      return changed > 0 ? 'partly-rebound' : 'blocked';
    case 0:
      if (changed === 0) return 'nothing-to-do';
      return isUndo ? 'undone' : 'rebound';
  }
}
