import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { CertRebindError } from '../../base/errors.ts';
import { FileRefusal, fileErrorCode, whyRefused } from '../../base/file-error.ts';

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

/** Far more than this program writes or anybody exports; a text twice as long would not fit into one string. */
const mostBytes = 256 * 2 ** 20;

/**
 * The bytes of a file. Anything else with a path (a pipe, a device, a socket) is refused before it is read: it might
 * have no end, or block its reader. It is read at once: four calls that go to other threads take longer than a file.
 * @throws FileRefusal, or the error of the system
 */
export async function readRegularFile(path: string, limit: number = mostBytes): Promise<Buffer> {
  // Without this flag opening a pipe waits until somebody writes into it. Windows has no such flag and no such pipes.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = fstatSync(file);
    // Reading a folder is refused by the system itself.
    if (!found.isFile() && !found.isDirectory()) throw new FileRefusal('not-a-file', path);
    if (found.size > limit) throw new FileRefusal('too-large', path);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}
