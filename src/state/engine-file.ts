import { join } from 'node:path';
import { type FileWayFailure, parseRefusal } from '../windows/engine-start.ts';
import { removeFile, writeFileAtomically } from './atomic-file.ts';
import { readIfThere } from './reading.ts';
import { writing } from './writing.ts';

/** Remembers for a day that the execution policy of the server refused the adapter script as a file. */
export interface EngineFile {
  /**
   * `null` if nothing is remembered, or it cannot be read: it only saves one useless start and decides nothing else.
   */
  readRefusal(now: Date): Promise<FileWayFailure | null>;
  writeRefusal(refusal: FileWayFailure): Promise<void>;
  forgetRefusal(): Promise<void>;
}

const aDay = 24 * 60 * 60 * 1000;

/** @param folder the state folder of the server, which must exist */
export function engineFile(folder: string): EngineFile {
  const file = join(folder, 'engine.json');
  return {
    async readRefusal(now) {
      const text = await readIfThere(file).catch(() => null);
      const refusal = text === null ? null : parseRefusal(text);
      if (refusal === null) return null;
      const age = now.getTime() - Date.parse(refusal.at);
      return age >= 0 && age < aDay ? refusal : null;
    },
    writeRefusal: (refusal) => writeFileAtomically(file, `${JSON.stringify(refusal)}\n`),
    forgetRefusal: () => writing(folder, () => removeFile(file)),
  };
}
