import type { Plan, Step } from '../../src/documents/runs/plan.ts';
import { sealPlan } from '../../src/documents/runs/seal-plan.ts';
import type { State } from '../../src/documents/runs/step-states.ts';
import { holding, tlsHolder } from '../../src/kinds/holder.ts';
import type { CertificateBinding } from '../../src/kinds/tls/certificate-binding.ts';
import type { Renewal } from '../../src/model/certificates/renewal.ts';
import { now } from './snapshot.ts';

const parts = { renewal: null, consumers: [], verify: [], notes: [] };

export function swapStep(id: number, before: CertificateBinding, renewal: Renewal, to = renewal.new): Step {
  const holder = tlsHolder(before);
  return { ...parts, id, key: before.key, before: holder, wanted: holding(holder, to, before.store), renewal };
}

export function restoreStep(id: number, record: CertificateBinding, before: CertificateBinding | null = null): Step {
  const now = before === null ? null : tlsHolder(before);
  return { ...parts, id, key: record.key, before: now, wanted: tlsHolder(record) };
}

export function removeStep(id: number, before: CertificateBinding): Step {
  return { ...parts, id, key: before.key, before: tlsHolder(before), wanted: null };
}

/** A sealed plan that changes nothing but what is given. */
export function plannedWith(given: Partial<Omit<Plan, 'digest'>>): Plan {
  return sealPlan({
    schema: 'certrebind/plan/1',
    purpose: 'rebind',
    server: { id: 'server-1', name: 'WEB01', kind: 'lab', iis: '10.0', osBuild: 20348 },
    asOf: now,
    policy: [],
    renewals: [],
    steps: [],
    blocked: [],
    skipped: [],
    notes: [],
    ...given,
  });
}

/** What a step leaves on its record. */
export function leaves(step: Step | undefined): { readonly thumbprint: string | null; readonly store: string } | null {
  return step?.wanted ? { thumbprint: step.wanted.value.thumbprint, store: step.wanted.value.store } : null;
}

/** Whether a run left a step neither as it was nor as it should be. */
export function needsPerson(state: State): boolean {
  return state === 'rollback-failed' || state === 'silent';
}
