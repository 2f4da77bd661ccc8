import type { ValidateFunction } from 'ajv';
import { canonicalDigest } from './canonical-json.ts';
import { checkDocument, type DocumentKind, parseJson } from './document.ts';
import { CertRebindError } from './errors.ts';
import { validatePlan } from './generated/validators.js';
import type { Plan } from './plan.ts';

const planKind: DocumentKind<Plan> = { name: 'plan', version: 1, validate: validatePlan as ValidateFunction<Plan> };

/** sha256 of the canonical document without its own digest: an edited plan is told from one that a program wrote. */
export function planDigest(plan: Omit<Plan, 'digest'>): string {
  return canonicalDigest({ ...plan, digest: undefined });
}

/** The same plan with the digest that belongs to it. */
export function sealPlan(plan: Omit<Plan, 'digest'>): Plan {
  const { schema, ...rest } = plan;
  return { schema, ...rest, digest: planDigest(plan) };
}

/**
 * Reads a plan file.
 * @throws CertRebindError `bad-document`, `later-schema`, or `plan-edited` when the digest does not fit the content
 */
export function parsePlan(text: string, where: string): Plan {
  const plan = checkDocument(parseJson(text, where), planKind, where);
  if (planDigest(plan) === plan.digest) return plan;
  throw new CertRebindError('plan-edited', {
    message: `${where} was changed after it was made: its digest does not match its content.`,
    where,
  });
}
