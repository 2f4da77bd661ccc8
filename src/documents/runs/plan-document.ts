import type { ValidateFunction } from 'ajv';
import { checkDocument, type DocumentKind, parseJson } from '../../text/document.ts';
import { CertRebindError } from '../../text/errors.ts';
import { validatePlan } from '../generated/validate-plan.js';
import type { Plan } from './plan.ts';
import { planDigest } from './seal-plan.ts';

const planKind: DocumentKind<Plan> = { name: 'plan', version: 2, validate: validatePlan as ValidateFunction<Plan> };

/**
 * Reads a plan file.
 * @throws CertRebindError `bad-document`, `earlier-schema`, `later-schema`, or `plan-edited` when the digest does not fit the content
 */
export function parsePlan(text: string, where: string): Plan {
  const plan = checkDocument(parseJson(text, where), planKind, where);
  if (planDigest(plan) === plan.digest) return plan;
  throw new CertRebindError('plan-edited', {
    message: `${where} was changed after it was written: its digest does not match its content.`,
    where,
  });
}
