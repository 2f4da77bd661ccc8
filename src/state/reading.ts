import { readdir, readFile } from 'node:fs/promises';
import { fileErrorCode } from './not-writable.ts';

/** Says what is thrown for a file or folder that is there and cannot be read. */
type Unreadable = (where: string, cause: unknown) => unknown;

/** The text of a file; `null` when there is none. */
export function readIfThere(path: string, unreadable: Unreadable): Promise<string | null> {
  return unlessAbsent(() => readFile(path, 'utf8'), null, path, unreadable);
}

/** The names in a folder; none when there is no folder. */
export function listIfThere(folder: string, unreadable: Unreadable): Promise<readonly string[]> {
  return unlessAbsent<readonly string[]>(() => readdir(folder), [], folder, unreadable);
}

async function unlessAbsent<Result>(
  read: () => Promise<Result>,
  otherwise: Result,
  where: string,
  unreadable: Unreadable,
): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(fileErrorCode(error) ?? '')) return otherwise;
    throw unreadable(where, error);
  }
}
