import { parseJson } from '../base/document.ts';
import { wrongInput } from '../base/errors.ts';
import type { Snapshot } from '../kinds/snapshot.ts';
import { validateSnapshot } from './generated/validate-snapshot.js';
import { parserOf } from './parser-of.ts';

/**
 * Reads a captured snapshot.
 * @throws CertRebindError `bad-document` or `other-version`
 */
export const parseSnapshot = parserOf<Snapshot>('certrebind/snapshot/1', validateSnapshot);

/**
 * A capture, or the one inside a file of `capture --for-support`.
 * @throws CertRebindError as `parseSnapshot`
 */
export function parseCapture(text: string, where: string): Snapshot {
  const ofSupport = 'certrebind/support/';
  // Nothing large is parsed twice.
  const { schema, capture = null }: { schema?: unknown; capture?: unknown } = text.includes(ofSupport)
    ? Object(parseJson(text, where))
    : {};
  if (typeof schema !== 'string' || !schema.startsWith(ofSupport)) return parseSnapshot(text, where);
  if (capture !== null) return parseSnapshot(JSON.stringify(capture), where);
  throw wrongInput('bad-document', where, 'holds no capture: the server could not be read when it was written');
}
