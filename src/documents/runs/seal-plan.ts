import { canonicalDigest } from '../../base/canonical-json.ts';
import type { Plan } from './plan.ts';

/**
 * sha256 of the canonical document without its own digest; shows whether a plan was edited after a program wrote it.
 */
export function planDigest(plan: Omit<Plan, 'digest'>): string {
  return canonicalDigest({ ...plan, digest: undefined });
}

/** The same plan with the digest that belongs to it. */
export function sealPlan(plan: Omit<Plan, 'digest'>): Plan {
  return { ...plan, digest: planDigest(plan) };
}
