import { dirname, join } from 'node:path';
import { orNull } from '../../base/errors.ts';
import { nothingServed, parseCentralStore } from '../../documents/central-store.ts';
import { nothingTold, parseTold } from '../../documents/notified.ts';
import { nothingRefused, parseRefused } from '../../documents/refused.ts';
import { nothingWatched, parseWatched } from '../../documents/watched.ts';
import { ensureFolder, readDocument, writeFileAtomically } from './files.ts';

/** What looks at watched folders found. */
export function watchedFile(home: string) {
  return foundFile(join(home, 'watched.json'), parseWatched, nothingWatched);
}

/** What hooks brought and was refused. */
export function refusedFile(home: string) {
  return foundFile(join(home, 'refused.json'), parseRefused, nothingRefused);
}

/** What endpoints of the central certificate store served. */
export function centralStoreFile(home: string) {
  return foundFile(join(home, 'central-store.json'), parseCentralStore, nothingServed);
}

/** What people were told. Written without the lock: where two processes write at once, people may be told a thing twice. */
export function toldFile(home: string) {
  return foundFile(join(home, 'told.json'), parseTold, nothingTold);
}

/** Where it cannot be read, nothing is known: then nothing counts as taken, or as told. */
function foundFile<Found>(file: string, parse: (text: string, where: string) => Found, nothing: Found) {
  return {
    read: async (): Promise<Found> => (await orNull(() => readDocument(file, parse, 'Delete it.'))) ?? nothing,
    async write(found: Found): Promise<void> {
      await ensureFolder(dirname(file));
      await writeFileAtomically(file, `${JSON.stringify(found, null, 1)}\n`);
    },
  };
}
