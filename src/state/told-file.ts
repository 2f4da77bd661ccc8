import { join } from 'node:path';
import { nothingTold, parseTold, type Told } from '../documents/told.ts';
import { CertRebindError, orError } from '../text/errors.ts';
import { writeFileAtomically } from './atomic-file.ts';
import { ensureFolder } from './folder.ts';
import { readDocument } from './reading.ts';

/** Written without the lock: where two processes write at once, people may be told a thing twice. */
export interface ToldFile {
  /** Where it cannot be read, nothing counts as told. */
  read(): Promise<Told>;
  write(told: Told): Promise<void>;
}

export function toldFile(home: string): ToldFile {
  const file = join(home, 'told.json');
  return {
    async read() {
      const found = await orError(() => readDocument(file, parseTold, 'Delete it.'));
      return found === null || found instanceof CertRebindError ? nothingTold : found;
    },
    async write(told) {
      await ensureFolder(home);
      await writeFileAtomically(file, `${JSON.stringify(told, null, 1)}\n`);
    },
  };
}
