import { CertRebindError } from './errors.ts';

/** The code that Node gives an error of the file system, for example `ENOENT`; `null` for anything else that was thrown. */
export function fileErrorCode(thrown: unknown): string | null {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null;
}

/** Why a file is not read although the system would allow it. */
export class FileRefusal extends Error {
  readonly code: 'not-a-file' | 'too-large';
  readonly path: string;

  constructor(code: FileRefusal['code'], path: string) {
    super(`${path} cannot be read: ${refusals[code] ?? code}.`);
    this.name = 'FileRefusal';
    this.code = code;
    this.path = path;
  }
}

export function isMissing(thrown: unknown): boolean {
  return fileErrorCode(thrown) === 'ENOENT';
}

/** For `catch`: `null` for a file that is missing; anything else is thrown again. */
export function unlessMissing(thrown: unknown): null {
  if (isMissing(thrown)) return null;
  throw thrown;
}

/**
 * Why the system refused to read or write a file or folder, in words for the person on call; `null` for anything else
 * that was thrown. A missing file is not a refusal: only its reader knows what that means.
 */
export function whyRefused(thrown: unknown): string | null {
  return refusals[fileErrorCode(thrown) ?? ''] ?? null;
}

/**
 * What to throw when a file could not be written: `not-writable` where the system refused it, otherwise what was thrown.
 * @param where the file or folder, as it is named to people
 */
export function notWritable(where: string, cause: unknown): unknown {
  const why = whyRefused(cause);
  if (why === null) return cause;
  return new CertRebindError('not-writable', { message: `${where} cannot be written: ${why}.`, where, cause });
}

/** The same for one that could not be read: `bad-input`. */
export function notReadable(where: string, cause: unknown): unknown {
  const why = whyRefused(cause);
  if (why === null) return cause;
  return new CertRebindError('bad-input', { message: `${where} cannot be read: ${why}.`, where, cause });
}

const refusals: Readonly<Record<string, string>> = {
  EACCES: 'access is denied',
  EPERM: 'access is denied',
  EBUSY: 'another program is using it',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than the limit for this process',
  EIO: 'the disk reports an error',
  EISDIR: 'it is a folder',
  ERR_FS_EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a file with this name already exists',
  ENAMETOOLONG: 'the path is too long',
  EMFILE: 'too many files are open',
  ELOOP: 'a link leads back to itself',
  ENXIO: 'it is not a file',
  'not-a-file': 'it is not a file',
  'too-large': 'it is larger than any file of this kind',
};
