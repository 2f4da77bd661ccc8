import { CertRebindError } from '../model/errors.ts';
import type { Plan, Step } from '../model/plan.ts';
import { sealPlan } from '../model/plan-document.ts';
import type { KeyText } from '../model/record-key.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { keyOfStep } from '../model/step-standing.ts';
import { sameRecord, type TlsRecord } from '../model/tls-record.ts';

/**
 * A plan that was made earlier is carried out only when every record is still as it was then. With `force` it starts
 * from the records as they are now; what is not there cannot be swapped even so.
 * @throws CertRebindError `plan-stale` naming the records
 */
export function refuseStale(plan: Plan, snapshot: Snapshot, force: boolean): Plan {
  const records = new Map(snapshot.records.map((record) => [record.key, record]));
  const stale = plan.steps.filter((step) => !isAsPlanned(step, records.get(keyOfStep(step)) ?? null));
  if (stale.length === 0) return plan;
  const hopeless = stale.filter((step) => step.action !== 'restore' && !records.has(keyOfStep(step)));
  if (!force || hopeless.length > 0) throw staleError(force ? hopeless : stale, records);
  const { digest: _, ...rest } = plan;
  return sealPlan({
    ...rest,
    steps: plan.steps.map((step) => startingFrom(step, records.get(keyOfStep(step)) ?? null)),
  });
}

function isAsPlanned({ before }: Step, now: TlsRecord | null): boolean {
  return before === null || now === null ? before === now : sameRecord(before, now);
}

function startingFrom(step: Step, now: TlsRecord | null): Step {
  if (step.action === 'restore') return { ...step, before: now };
  return now === null ? step : { ...step, before: now };
}

function staleError(steps: readonly Step[], records: ReadonlyMap<KeyText, TlsRecord>): CertRebindError {
  const shown = steps.slice(0, 20).map((step) => {
    const now = records.get(keyOfStep(step));
    const state = now === undefined ? 'is gone' : `holds ${now.thumbprint ?? 'no certificate'}`;
    const planned = step.before === null ? 'did not exist' : `held ${step.before.thumbprint ?? 'no certificate'}`;
    const options = now?.thumbprint === step.before?.thumbprint ? ' with other options' : '';
    return `${keyOfStep(step)} ${planned} and ${state}${options}`;
  });
  const more = steps.length > shown.length ? `; and ${steps.length - shown.length} more` : '';
  return new CertRebindError('plan-stale', {
    message: `Since the plan was made, records have changed: ${shown.join('; ')}${more}.`,
    where: steps.map(keyOfStep).slice(0, 20).join(', '),
  });
}
