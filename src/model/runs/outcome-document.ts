import type { ValidateFunction } from 'ajv';
import { validateOutcome } from '../generated/validate-outcome.js';
import { validateOutcome1 } from '../generated/validate-outcome-1.js';
import { checkDocument, type DocumentKind, isVersion1, parseJson } from '../text/document.ts';
import type { Outcome } from './outcome.ts';
import { type Outcome1, outcomeOfVersion1 } from './version-1.ts';

const outcomeKind: DocumentKind<Outcome> = {
  name: 'outcome',
  version: 2,
  validate: validateOutcome as ValidateFunction<Outcome>,
};

const outcomeKind1: DocumentKind<Outcome1> = {
  name: 'outcome',
  version: 1,
  validate: validateOutcome1 as ValidateFunction<Outcome1>,
};

/**
 * Reads an outcome of this version or of version 1.
 * @throws CertRebindError `bad-document` or `later-schema`
 */
export function parseOutcome(text: string, where: string): Outcome {
  const value = parseJson(text, where);
  return isVersion1(value, outcomeKind.name)
    ? outcomeOfVersion1(checkDocument(value, outcomeKind1, where))
    : checkDocument(value, outcomeKind, where);
}
