import { join } from 'node:path';
import { nothingWatched, parseWatched, type Watched } from '../documents/watched.ts';
import { CertRebindError, orError } from '../text/errors.ts';
import { writeFileAtomically } from './atomic-file.ts';
import { readDocument } from './reading.ts';

/** What looks at watched folders found. Where it cannot be read, nothing is known: then nothing counts as taken. */
export function watchedFile(home: string) {
  const file = join(home, 'watched.json');
  return {
    async read(): Promise<Watched> {
      const found = await orError(() => readDocument(file, parseWatched, 'Delete it.'));
      return found === null || found instanceof CertRebindError ? nothingWatched : found;
    },
    write: (watched: Watched): Promise<void> => writeFileAtomically(file, `${JSON.stringify(watched, null, 1)}\n`),
  };
}
