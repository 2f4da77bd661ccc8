import { wrongInput } from '../../base/errors.ts';
import { validatePlan } from '../generated/validate-plan.js';
import { parserOf } from '../parser-of.ts';
import type { Plan } from './plan.ts';
import { planDigest } from './seal-plan.ts';

const parseUnsealed = parserOf<Plan>('certrebind/plan/1', validatePlan);

/**
 * Reads a plan file.
 * @throws CertRebindError `bad-document`, `other-version`, or `plan-edited` when the digest does not fit the content
 */
export function parsePlan(text: string, where: string): Plan {
  const plan = parseUnsealed(text, where);
  if (planDigest(plan) === plan.digest) return plan;
  throw wrongInput('plan-edited', where, 'was changed after it was written: its digest does not match its content');
}
