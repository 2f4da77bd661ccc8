import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isTemporary } from './atomic-file.ts';
import { writing } from './writing.ts';

/** Another folder, `temp`, belongs to programs of triggers. */
const foldersOfOurs = ['triggers', 'rehearsals'];

/**
 * Removes what processes left below a state folder when they were killed while writing a file.
 * @param before a younger file may be in use right now by a process that needs no lock for it
 * @param runs the folders of runs to look into; runs that were closed normally left nothing
 * @throws CertRebindError `not-writable`
 */
export async function sweepTemporaryFiles(
  folder: string,
  { before, runs }: { readonly before: Date; readonly runs: readonly string[] },
): Promise<void> {
  const listings = await Promise.all([
    entriesOf(folder, false),
    entriesOf(join(folder, 'runs'), false),
    ...runs.map((run) => entriesOf(join(folder, 'runs', run), false)),
    ...foldersOfOurs.map((name) => entriesOf(join(folder, name), true)),
  ]);
  for (const entry of listings.flat()) {
    if (!entry.isFile() || !isTemporary(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const found = await lstat(path).catch(() => null);
    if (found !== null && found.mtime < before) await writing(folder, () => rm(path, { force: true }));
  }
}

function entriesOf(folder: string, recursive: boolean) {
  return readdir(folder, { recursive, withFileTypes: true }).catch(() => []);
}
