import type { ValidateFunction } from 'ajv';
import type { Snapshot } from '../holders/snapshot.ts';
import { checkDocument, type DocumentKind, parseJson } from '../text/document.ts';
import { validateSnapshot } from './generated/validate-snapshot.js';

const snapshotKind: DocumentKind<Snapshot> = {
  name: 'snapshot',
  version: 2,
  validate: validateSnapshot as ValidateFunction<Snapshot>,
};

/**
 * Reads a captured snapshot.
 * @throws CertRebindError `bad-document`, `earlier-schema` or `later-schema`
 */
export function parseSnapshot(text: string, where: string): Snapshot {
  return checkDocument(parseJson(text, where), snapshotKind, where);
}
