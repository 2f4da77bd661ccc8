import type { ValidateFunction } from 'ajv';
import { checkDocument, type DocumentKind, parseJson } from '../../text/document.ts';
import { validateOutcome } from '../generated/validate-outcome.js';
import type { Outcome } from './outcome.ts';

const outcomeKind: DocumentKind<Outcome> = {
  name: 'outcome',
  version: 2,
  validate: validateOutcome as ValidateFunction<Outcome>,
};

/** @throws CertRebindError as `checkDocument` */
export function parseOutcome(text: string, where: string): Outcome {
  return checkDocument(parseJson(text, where), outcomeKind, where);
}
