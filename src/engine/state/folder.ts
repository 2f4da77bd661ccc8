import { existsSync, lstatSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CertRebindError } from '../../base/errors.ts';
import { fileErrorCode, isMissing, whyRefused } from '../../base/file-error.ts';
import { flushFolder, writing } from './atomic-file.ts';

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
  const found = looked(folder);
  if (found === undefined) return false;
  if (found.isDirectory()) return true;
  throw new CertRebindError('unsafe-folder', {
    message: `${folder} is ${found.isSymbolicLink() ? 'a link' : 'not a folder'}, so its owner could control where CertRebind writes.`,
    where: folder,
  });
}

function looked(folder: string) {
  try {
    return lstatSync(folder, { throwIfNoEntry: false });
  } catch (cause) {
    const why = whyRefused(cause);
    if (why === null) throw cause;
    throw new CertRebindError('bad-input', { message: `${folder} cannot be read: ${why}.`, where: folder, cause });
  }
}
