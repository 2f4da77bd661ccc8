import type { Outcome, StepOutcome } from '../../src/model/outcome.ts';
import type { Plan } from '../../src/model/plan.ts';
import { keyOfStep } from '../../src/model/step-standing.ts';
import { now, thumbprintOf } from '../builders/snapshot.ts';

/** The outcome of a run of this plan; a step without a result is changed. */
export function outcomeOf(plan: Plan, results: readonly StepOutcome['result'][]): Outcome {
  return {
    schema: 'certrebind/outcome/1',
    run: 'run-1',
    dryRun: false,
    result: 'rebound',
    exitCode: 0,
    startedAt: now,
    durationMs: 1,
    counts: { changed: 2, already: 0, blocked: 0, skipped: 0, undone: 0, failed: 0 },
    steps: plan.steps.map((step, index) => ({
      id: step.id,
      key: keyOfStep(step),
      result: results[index] ?? 'changed',
      now: { state: 'holds', thumbprint: thumbprintOf('new') },
      repairedOptions: [],
      proof: 'proven',
      before: [],
      after: [],
      error: null,
    })),
    blocked: [],
    skipped: [],
    renewals: plan.renewals,
    notes: [],
    cost: { sessions: 1, roundTrips: 1 },
  };
}
