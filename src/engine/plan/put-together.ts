import type { Plan, Step } from '../../documents/runs/plan.ts';
import { sealPlan } from '../../documents/runs/seal-plan.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { certificatesOfPlan } from '../known/named-certificates.ts';

/** What each place shall hold, and why. The steps stand in the order of the run, whatever their numbers. */
export type PlanParts = Omit<Plan, 'schema' | 'digest' | 'server' | 'asOf' | 'certificates'>;

/**
 * The plan for this server, numbered and sealed. Every plan is made here.
 * @param named whose certificates it tells by name
 */
export function putTogether(
  snapshot: Snapshot,
  { purpose, undoes, notBefore, policy, owed, renewals, lineage, steps, ...left }: PlanParts,
  named: Pick<Plan, 'renewals' | 'steps'> = { renewals, steps },
): Plan {
  return sealPlan({
    schema: 'certrebind/plan/1',
    purpose,
    ...(undoes === undefined ? {} : { undoes }),
    server: snapshot.server,
    asOf: snapshot.takenAt,
    ...(notBefore === undefined ? {} : { notBefore }),
    policy,
    ...(owed === undefined ? {} : { owed }),
    renewals,
    certificates: certificatesOfPlan(snapshot, named),
    ...(lineage === undefined ? {} : { lineage }),
    steps: steps.map((step, index): Step => (step.id === index + 1 ? step : { ...step, id: index + 1 })),
    ...left,
  });
}
