import type { Snapshot } from '../holders/snapshot.ts';
import { parserOf } from '../text/document.ts';
import { earlier } from './earlier.ts';
import { validateSnapshot } from './generated/validate-snapshot.js';

/**
 * Reads a captured snapshot.
 * @throws CertRebindError `bad-document`, `earlier-schema` or `later-schema`
 */
export const parseSnapshot = parserOf<Snapshot>('snapshot', 3, validateSnapshot, earlier.snapshot);
