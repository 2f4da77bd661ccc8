import type { ValidateFunction } from 'ajv';
import { checkDocument, type DocumentKind, parseJson } from './document.ts';
import { validateSnapshot } from './generated/validators.js';
import type { Snapshot } from './snapshot.ts';

const snapshotKind: DocumentKind<Snapshot> = {
  name: 'snapshot',
  version: 1,
  validate: validateSnapshot as ValidateFunction<Snapshot>,
};

/**
 * Reads a captured snapshot.
 * @throws CertRebindError `bad-document` or `later-schema`
 */
export function parseSnapshot(text: string, where: string): Snapshot {
  // Captures of the first versions did not look for it, and called all that they could not read records.
  const document = checkDocument(parseJson(text, where), snapshotKind, where);
  const unreadable = document.unreadable.map((entry) => ({ ...entry, part: entry.part ?? 'records' }));
  return { ...document, unreadable, legacySslMetadata: document.legacySslMetadata ?? null };
}
