import { rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parseJson } from '../../base/document.ts';
import { asResult, CertRebindError, type ErrorDocument } from '../../base/errors.ts';
import { parseLooked } from '../../documents/looked.ts';
import { nothingNotified, parseTold } from '../../documents/notified.ts';
import { inThisNumber } from '../../documents/parser-of.ts';
import { nothingRefused, parseRefused } from '../../documents/refused.ts';
import { nothingSeen, parseSeen } from '../../documents/seen.ts';
import { nothingWatched, parseWatched } from '../../documents/watched.ts';
import {
  ensureFolder,
  listIfThere,
  otherVersion,
  patiently,
  readDocument,
  removeFile,
  writeFileAtomically,
  writing,
} from './files.ts';

/** What looks at watched folders found. Nothing is taken by itself where it is damaged: what was taken before is not known. */
export function watchedFile(home: string) {
  return foundFile(join(home, 'watched.json'), parseWatched, nothingWatched, [
    'CertRebind imports nothing from the watched folders by itself until you have looked there: it does not know which certificates it has seen. The command keeps the damaged file, and takes what is new.',
    'certrebind watch now',
  ]);
}

/** What hooks brought and was refused. */
export function refusedFile(home: string) {
  return foundFile(join(home, 'refused.json'), parseRefused, nothingRefused, [
    'Which renewals were refused is not known. Check that every certificate is renewed, then delete the file.',
  ]);
}

/**
 * What endpoints served when they were last dialled: for display, and no decision. Written under a lock of its own, since
 * views write it while a run works.
 */
export function seenFile(folder: string) {
  return foundFile(join(folder, 'seen.json'), parseSeen, nothingSeen, [
    'The next hourly run dials the endpoints again, and makes a new one.',
    'certrebind reconcile',
  ]);
}

/** What people were told. Written without the lock: where two processes write at once, people may be told a thing twice. */
export function toldFile(home: string) {
  return foundFile(join(home, 'told.json'), parseTold, nothingNotified, [
    'The next hourly run makes a new one. You may be told again what you were told before.',
    'certrebind reconcile',
  ]);
}

export function lookedFile(home: string) {
  return foundFile(join(home, 'looked.json'), parseLooked, undefined, [
    'The next hourly run makes a new one. What waits for days begins to wait again.',
    'certrebind reconcile',
  ]);
}

/** Why the last start could not work: for display, and no decision. */
export function lastErrorFile(home: string) {
  return foundFile(join(home, 'last-error.json'), parseErrorDocument, null, [
    'Whether the last start of CertRebind worked is not known. The next one makes a new file.',
    'certrebind reconcile',
  ]);
}

/**
 * A document that is replaced as a whole. One that cannot be read counts as absent, and is reported; what it said is kept
 * beside the next one. That of another version stays where it is, and nothing is written.
 */
function foundFile<Found extends object | null, Nothing>(
  file: string,
  parse: Parameters<typeof otherVersion>[1] & ((text: string, where: string) => Found),
  nothing: Nothing,
  [hint, ...commands]: readonly [string, ...string[]],
) {
  const found = () => asResult(() => readDocument(file, parse, hint));
  const damage = async () => {
    const error = await found();
    if (!(error instanceof CertRebindError) || error.code === 'other-version') return null;
    return { error: new CertRebindError(error.code, { message: error.message, where: file, hint }), commands };
  };
  /** By its name: it may be no file at all. */
  const putAside = async () => {
    const other = await otherVersion(file, parse);
    if (other !== null) throw other;
    if ((await damage()) === null) return;
    const aside = `${file}${damagedEnding}${new Date().toISOString().replace(/\D/g, '')}`;
    await writing(dirname(file), () => patiently(() => rename(file, aside)));
  };
  return {
    async read(): Promise<Found | Nothing> {
      const one = await found();
      return one === null || one instanceof CertRebindError ? nothing : one;
    },
    /** Why it cannot be read, with what to type; `null` if it can. */
    damage,
    /** Why only another version of CertRebind can read it; `null` otherwise. */
    otherVersion: () => otherVersion(file, parse),
    async write(document: NonNullable<Found>): Promise<void> {
      await ensureFolder(dirname(file));
      await putAside();
      await writeFileAtomically(file, `${JSON.stringify(document, null, 1)}\n`);
    },
    async remove(): Promise<void> {
      await putAside();
      await writing(dirname(file), () => removeFile(file));
    },
  };
}

/** The version that wrote one of these goes on with it, so nothing may be written beside it. */
export async function ofOtherVersion(home: string): Promise<readonly CertRebindError[]> {
  const files = [watchedFile, refusedFile, seenFile, toldFile, lookedFile, lastErrorFile];
  const found = await Promise.all(files.map((file) => file(home).otherVersion()));
  return found.filter((one) => one !== null);
}

const damagedEnding = '.damaged-';

/** What cannot be made anew is not known until a person has read what was kept. */
export async function keptAside(home: string): Promise<readonly CertRebindError[]> {
  const found = await asResult(() => listIfThere(home));
  if (found instanceof CertRebindError) return [];
  return found
    .filter((name) => name.startsWith(`refused.json${damagedEnding}`))
    .map((name) => {
      const message = `${join(home, name)} was damaged when it was replaced.`;
      const hint = `Which renewals were refused before is not known. Check that every certificate is renewed, then delete ${basename(name)}.`;
      return new CertRebindError('damaged-file', { message, where: join(home, name), hint });
    });
}

const errorSchema = 'certrebind/error/1';

const parseErrorDocument = Object.assign(
  (text: string, where: string): ErrorDocument => {
    const value = inThisNumber(parseJson(text, where), errorSchema, where) as Partial<ErrorDocument>;
    if (typeof value.exitCode === 'number' && typeof value.error?.message === 'string') return value as ErrorDocument;
    throw new CertRebindError('bad-document', { message: `${where} is not an error of CertRebind.`, where });
  },
  { schema: errorSchema },
);
