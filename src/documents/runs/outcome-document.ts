import { validateOutcome } from '../generated/validate-outcome.js';
import { parserOf } from '../parser-of.ts';
import type { Outcome } from './outcome.ts';

export const parseOutcome = parserOf<Outcome>('certrebind/outcome/1', validateOutcome);
