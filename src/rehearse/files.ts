import { access, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isRehearsalId, type Rehearsal, type RehearsalStart } from '../documents/rehearsal.ts';
import { writeFileAtomically, writeNewFile } from '../state/atomic-file.ts';
import { ensureFolder } from '../state/folder.ts';
import { readRegularFile } from '../state/read-file.ts';
import { writing } from '../state/writing.ts';
import { isMissing } from '../text/file-error.ts';

/** Rehearsals of a server: their documents, and while one runs the starts of its task. */
export interface RehearsalFiles {
  /** Where the starts of this rehearsal are noted. */
  begin(id: string): Promise<void>;
  /** Whether such a rehearsal is under way: only then is a start noted. */
  isUnderWay(id: string): Promise<boolean>;
  addStart(id: string, start: RehearsalStart): Promise<void>;
  /** In the order in which they began. */
  readStarts(id: string): Promise<readonly RehearsalStart[]>;
  release(id: string): Promise<void>;
  isReleased(id: string): Promise<boolean>;
  /** From now on every start ends as failed. */
  failStarts(id: string): Promise<void>;
  isToFail(id: string): Promise<boolean>;
  /** Removes the starts and keeps the document; the oldest documents are removed when there are many. */
  end(id: string, rehearsal: Rehearsal | null): Promise<string | null>;
}

const kept = 20;
const released = 'released';
const failing = 'failing';

export function rehearsalFiles(home: string): RehearsalFiles {
  const folder = join(home, 'rehearsals');
  const startsFolder = (id: string) => join(folder, checked(id));

  async function mark(id: string, name: string): Promise<void> {
    const file = join(startsFolder(id), name);
    if (!(await isThere(startsFolder(id))) || (await isThere(file))) return;
    await writing(folder, () => writeNewFile(file, ''));
  }

  return {
    async begin(id) {
      for (const each of [home, folder, startsFolder(id)]) await ensureFolder(each);
    },
    isUnderWay: (id) => isThere(startsFolder(id)),
    async addStart(id, start) {
      const name = `start-${start.at.replace(/\D/g, '')}-${process.pid}.json`;
      await writeFileAtomically(join(startsFolder(id), name), `${JSON.stringify(start)}\n`);
    },
    async readStarts(id) {
      const names = (await readdir(startsFolder(id))).filter((name) => /^start-\d+-\d+\.json$/.test(name)).sort();
      return Promise.all(
        names.map(async (name): Promise<RehearsalStart> => {
          const { at, words }: RehearsalStart = JSON.parse(
            (await readRegularFile(join(startsFolder(id), name))).toString(),
          );
          return { at: `${at}`, words: words.map(String) };
        }),
      );
    },
    release: (id) => mark(id, released),
    failStarts: (id) => mark(id, failing),
    isToFail: (id) => isThere(join(startsFolder(id), failing)),
    isReleased: async (id) => (await isThere(join(startsFolder(id), released))) || !(await isThere(startsFolder(id))),
    async end(id, rehearsal) {
      await writing(folder, () => rm(startsFolder(id), { recursive: true, force: true }));
      if (rehearsal === null) return null;
      const file = join(folder, `${checked(id)}.json`);
      await writeFileAtomically(file, `${JSON.stringify(rehearsal, null, 1)}\n`);
      const documents = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
      for (const name of documents.slice(0, -kept)) await rm(join(folder, name), { force: true });
      return file;
    },
  };
}

/** An id is part of a path. */
function checked(id: string): string {
  if (isRehearsalId(id)) return id;
  throw new TypeError(`${JSON.stringify(id)} is not an id of a rehearsal`);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
