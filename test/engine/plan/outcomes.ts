import type { Outcome } from '../../../src/documents/runs/outcome.ts';
import type { Plan } from '../../../src/documents/runs/plan.ts';
import type { State } from '../../../src/documents/runs/step-states.ts';
import { now, thumbprintOf } from '../../builders/snapshot.ts';

export const noCounts: Outcome['counts'] = {
  planned: 0,
  changed: 0,
  already: 0,
  blocked: 0,
  skipped: 0,
  undone: 0,
  failed: 0,
  notVerified: 0,
  stillOld: 0,
  waiting: 0,
};

/** The outcome of a run of this plan; a step without a state is verified. */
export function outcomeOf(plan: Plan, ends: readonly State[]): Outcome {
  return {
    schema: 'certrebind/outcome/1',
    kept: true,
    run: 'run-1',
    dryRun: false,
    result: 'rebound',
    exitCode: 0,
    startedAt: now,
    durationMs: 1,
    counts: { ...noCounts, changed: 2 },
    steps: plan.steps.map((step, index) => ({
      id: step.id,
      key: step.key,
      state: ends[index] ?? 'verified',
      now: { state: 'holds', thumbprint: thumbprintOf('new') },
      repairedOptions: [],
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
