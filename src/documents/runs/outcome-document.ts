import { parserOf } from '../../base/document.ts';
import { earlier } from '../earlier.ts';
import { validateOutcome } from '../generated/validate-outcome.js';
import type { Outcome } from './outcome.ts';

export const parseOutcome = parserOf<Outcome>('outcome', 2, validateOutcome, earlier.outcome);
