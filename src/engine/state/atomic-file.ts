import { randomBytes } from 'node:crypto';
import { open, rename, rm, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileErrorCode, isMissing, notWritable } from '../../base/file-error.ts';

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
