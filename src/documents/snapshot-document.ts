import type { ValidateFunction } from 'ajv';
import type { Snapshot, Unreadable } from '../holders/snapshot.ts';
import type { PartName, UnknownPart, WhyUnknown } from '../holders/unknown-parts.ts';
import { checkDocument, type DocumentKind, parseJson } from '../text/document.ts';
import { validateSnapshot } from './generated/validate-snapshot.js';

/**
 * Captures of the first versions have only the names of unknown parts, no part for unreadable entries (they count as
 * records), and no answer for property 5506.
 */
type Captured = Omit<Snapshot, 'notLookedAt' | 'unreadable' | 'legacySslMetadata'> & {
  readonly notLookedAt: readonly (UnknownPart | PartName)[];
  readonly unreadable: readonly (Partial<Pick<Snapshot['unreadable'][number], 'part'>> & Unreadable)[];
  readonly legacySslMetadata?: boolean | null;
};

const snapshotKind: DocumentKind<Captured> = {
  name: 'snapshot',
  version: 1,
  validate: validateSnapshot as ValidateFunction<Captured>,
};

/**
 * Reads a captured snapshot.
 * @throws CertRebindError `bad-document` or `later-schema`
 */
export function parseSnapshot(text: string, where: string): Snapshot {
  const document = checkDocument(parseJson(text, where), snapshotKind, where);
  const unreadable = document.unreadable.map((entry) => ({ ...entry, part: entry.part ?? 'records' }));
  // In the first versions only an import could lack a part because it was not given.
  const why: WhyUnknown = document.server.kind === 'replay' ? 'not-given' : 'not-read';
  const notLookedAt = document.notLookedAt.map((entry) => (typeof entry === 'string' ? { part: entry, why } : entry));
  return {
    ...document,
    unreadable,
    notLookedAt,
    legacySslMetadata: document.legacySslMetadata ?? null,
    scheduleService: document.scheduleService ?? 'unknown',
    webAdministration: document.webAdministration ?? 'unknown',
    listenOnly: document.listenOnly ?? [],
  };
}
