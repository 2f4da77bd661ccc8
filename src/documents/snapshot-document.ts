import type { Snapshot } from '../holders/snapshot.ts';
import { holdersNow } from '../holders/what-left.ts';
import { parserOf } from '../text/document.ts';
import { validateSnapshot } from './generated/validate-snapshot.js';

/**
 * Reads a captured snapshot, of version 2 too, which had places that are only reported now among those that were changed.
 * @throws CertRebindError `bad-document`, `earlier-schema` or `later-schema`
 */
export const parseSnapshot = parserOf<Snapshot>('snapshot', 3, validateSnapshot, (value) => {
  if (value.schema !== 'certrebind/snapshot/2' || !Array.isArray(value.holders)) return value;
  return { ...value, schema: 'certrebind/snapshot/3', holders: holdersNow(value.holders) };
});
