import type { ValidateFunction } from 'ajv';
import { validatePlan } from '../generated/validators.js';
import { canonicalDigest } from '../text/canonical-json.ts';
import { checkDocument, type DocumentKind, isVersion1, parseJson } from '../text/document.ts';
import { CertRebindError } from '../text/errors.ts';
import type { Plan } from './plan.ts';

const planKind: DocumentKind<Plan> = { name: 'plan', version: 2, validate: validatePlan as ValidateFunction<Plan> };

/**
 * sha256 of the canonical document without its own digest; shows whether a plan was edited after a program wrote it.
 */
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
 * @throws CertRebindError `bad-document`, `earlier-schema`, `later-schema`, or `plan-edited` when the digest does not fit the content
 */
export function parsePlan(text: string, where: string): Plan {
  const value = parseJson(text, where);
  if (isVersion1(value, planKind.name)) {
    throw new CertRebindError('earlier-schema', {
      message: `${where} is a plan of version 1. This version of CertRebind applies plans of version ${planKind.version}.`,
      where,
    });
  }
  const plan = checkDocument(value, planKind, where);
  if (planDigest(plan) === plan.digest) return plan;
  throw new CertRebindError('plan-edited', {
    message: `${where} was changed after it was written: its digest does not match its content.`,
    where,
  });
}
