import { randomBytes } from 'node:crypto';
import { closeSync, constants, existsSync, fstatSync, lstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { mkdir, open, readdir, rename, rm, unlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { asResult, CertRebindError } from '../../base/errors.ts';
import { FileRefusal, fileErrorCode, isMissing, notReadable, notWritable } from '../../base/file-error.ts';
import { beginsAs } from '../../documents/parser-of.ts';

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
 * @throws CertRebindError `damaged-file` with that hint, `bad-input` as above, or `other-version`
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

/**
 * Why only another version of CertRebind can read a document; `null` otherwise. Each start asks, of files that grow with the
 * server: what begins as ours is read no further.
 */
export async function otherVersion(
  path: string,
  parse: ((text: string, where: string) => unknown) & { readonly schema: string },
): Promise<CertRebindError | null> {
  const found = await asResult(async () => {
    const text = await readIfThere(path);
    return text === null || beginsAs(text, parse.schema) ? null : parse(text, path);
  });
  return found instanceof CertRebindError && found.code === 'other-version' ? found : null;
}

async function unlessAbsent<Result>(where: string, read: () => Promise<Result>, otherwise: Result): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(fileErrorCode(error) ?? '')) return otherwise;
    throw notReadable(where, error);
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

/** Files with this ending were left by a process that was killed while it wrote. */
export const temporaryEnding = '.tmp';

/** Whether a file of this name is one of ours that was never completed. */
export function isTemporary(name: string): boolean {
  return /\.[0-9a-f]{12}\.tmp$/.test(name);
}

/**
 * Puts a file in place completely or not at all: readers see the old text or the new one, even after a power cut.
 * @throws CertRebindError `not-writable` naming the folder
 */
export async function writeFileAtomically(path: string, text: string, mode = 0o600): Promise<void> {
  const folder = dirname(path);
  await writing(folder, async () => {
    const temporary = join(folder, `${basename(path)}.${randomBytes(6).toString('hex')}${temporaryEnding}`);
    try {
      await writeNewFile(temporary, text, mode);
      await patiently(() => rename(temporary, path));
    } catch (error) {
      await rm(temporary).catch(() => {});
      throw error;
    }
    await flushFolder(folder);
  });
}

/** A file that must not exist yet, flushed, readable by its owner only. */
export async function writeNewFile(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    for (const piece of typeof content === 'string' ? piecesOf(content) : [content]) await file.writeFile(piece);
    await file.sync();
  } finally {
    await file.close();
  }
}

const pieceLength = 2 ** 20;

/** A text to be written in pieces: encoded at once, a large one takes as much memory again. None ends within a letter. */
export function* piecesOf(text: string): Generator<string> {
  for (let from = 0, to = 0; from < text.length; from = to) {
    to = from + pieceLength;
    if (/[\uD800-\uDBFF]/.test(text.charAt(to - 1))) to -= 1;
    yield text.slice(from, to);
  }
}

/** Removes a file if it is there, so that it stays gone after a power cut. */
export async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  await flushFolder(dirname(path));
}

/** Makes new names in a folder survive a power cut. Windows does that by itself and cannot open folders. */
export async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some file systems (network shares, FUSE) cannot flush a folder.
    if (!['EINVAL', 'ENOTSUP', 'ENOSYS'].includes(fileErrorCode(error) ?? '')) throw error;
  } finally {
    await handle.close();
  }
}

/** On Windows whoever has the file open, such as a virus scanner, makes a rename or a removal fail for a moment. */
export async function patiently(change: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await change();
    } catch (error) {
      if (process.platform !== 'win32' || !isInUse(error) || attempt === 10) throw error;
      await sleep(attempt * 20);
    }
  }
}

/** Whether another process may have the file open. */
export function isInUse(error: unknown): boolean {
  return ['EPERM', 'EACCES', 'EBUSY'].includes(fileErrorCode(error) ?? '');
}

/**
 * Runs a file operation, and names the folder in the error if the system refuses.
 * @throws CertRebindError `not-writable`
 */
export async function writing<Result>(where: string, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    throw notWritable(where, error);
  }
}

/**
 * Creates a folder that only its owner may enter, with all missing parents. Even if fifty processes do so at once, all
 * succeed.
 * @throws CertRebindError `not-writable`, or `unsafe-folder` when a link or a file stands in its place
 */
export async function ensureFolder(folder: string): Promise<void> {
  await writing(folder, () => makeFolders(folder, 0o700));
  isFolder(folder);
}

/**
 * Creates a folder with all missing parents, which then survive a power cut. One after the other: told to create them
 * all, Node calls a read-only file system a missing file.
 */
export async function makeFolders(folder: string, mode: number): Promise<void> {
  const missing: string[] = [];
  for (let each = resolve(folder); !existsSync(each); each = dirname(each)) missing.unshift(each);
  for (const each of missing) {
    await mkdir(each, { mode }).catch((cause: unknown) => {
      if (fileErrorCode(cause) === 'EEXIST') return;
      if (!isMissing(cause)) throw cause;
      const message = `${each} cannot be created in ${dirname(each)}.`;
      throw new CertRebindError('not-writable', { message, where: each, cause });
    });
    await flushFolder(dirname(each));
  }
}

/**
 * Whether there is a folder of this name.
 * @throws CertRebindError `unsafe-folder` when a link or a file stands in its place, `bad-input` when nobody may look
 */
export function isFolder(folder: string): boolean {
  let found: Stats | undefined;
  try {
    found = lstatSync(folder, { throwIfNoEntry: false });
  } catch (error) {
    throw notReadable(folder, error);
  }
  if (found === undefined) return false;
  if (found.isDirectory()) return true;
  throw new CertRebindError('unsafe-folder', {
    message: `${folder} is ${found.isSymbolicLink() ? 'a link' : 'not a folder'}, so its owner could control where CertRebind writes.`,
    where: folder,
  });
}
