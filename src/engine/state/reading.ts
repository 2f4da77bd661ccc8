import { readdir } from 'node:fs/promises';
import { CertRebindError } from '../../base/errors.ts';
import { fileErrorCode, whyRefused } from '../../base/file-error.ts';
import { readRegularFile } from './read-file.ts';

/**
 * The text of a file; `null` when there is none.
 * @throws CertRebindError `bad-input` when it is there and cannot be read
 */
export async function readIfThere(path: string): Promise<string | null> {
  return (await readBytesIfThere(path))?.toString('utf8') ?? null;
}

/** The same, not decoded. */
export function readBytesIfThere(path: string): Promise<Buffer | null> {
  return unlessAbsent<Buffer | null>(path, () => readRegularFile(path), null);
}

/**
 * The names in a folder; none when there is no folder.
 * @throws CertRebindError `bad-input` when it is there and cannot be read
 */
export function listIfThere(folder: string): Promise<readonly string[]> {
  return unlessAbsent<readonly string[]>(folder, () => readdir(folder), []);
}

/**
 * A document that this program wrote into the state folder; `null` when there is none.
 * @param hint what to do when it has been damaged since
 * @throws CertRebindError `damaged-file` with that hint, `bad-input` as above, or `later-schema`
 */
export async function readDocument<Document>(
  path: string,
  parse: (text: string, where: string) => Document,
  hint: string,
): Promise<Document | null> {
  const text = await readIfThere(path);
  if (text === null) return null;
  try {
    return parse(text, path);
  } catch (error) {
    if (!(error instanceof CertRebindError) || error.code !== 'bad-document') throw error;
    throw new CertRebindError('damaged-file', { message: error.message, where: path, hint });
  }
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
