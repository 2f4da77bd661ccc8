import { readdir, readFile } from 'node:fs/promises';
import { CertRebindError } from '../model/errors.ts';
import { fileErrorCode, whyRefused } from '../model/file-error.ts';

/**
 * The text of a file; `null` when there is none.
 * @throws CertRebindError `bad-input` when it is there and cannot be read
 */
export function readIfThere(path: string): Promise<string | null> {
  return unlessAbsent(path, () => readFile(path, 'utf8'), null);
}

/**
 * The names in a folder; none when there is no folder.
 * @throws CertRebindError `bad-input` when it is there and cannot be read
 */
export function listIfThere(folder: string): Promise<readonly string[]> {
  return unlessAbsent<readonly string[]>(folder, () => readdir(folder), []);
}

async function unlessAbsent<Result>(where: string, read: () => Promise<Result>, otherwise: Result): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(fileErrorCode(error) ?? '')) return otherwise;
    const why = whyRefused(error);
    if (why === null) throw error;
    throw new CertRebindError('bad-input', { message: `${where} cannot be read: ${why}.`, where, cause: error });
  }
}
