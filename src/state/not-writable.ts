import { CertRebindError } from '../model/errors.ts';

/** The error code of Node for a file-system error, for example `ENOENT`; `null` for anything else that was thrown. */
export function fileErrorCode(thrown: unknown): string | null {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null;
}

/** Does something with a file and names the folder when the system does not let us. */
export async function writing<Result>(where: string, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    const reason = reasons[fileErrorCode(error) ?? ''];
    if (reason === undefined) throw error;
    throw new CertRebindError('not-writable', {
      message: `${where} cannot be written: ${reason}.`,
      where,
      cause: error,
    });
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'access is denied',
  EPERM: 'access is denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of the disk is used up',
  EFBIG: 'the file would be larger than this process may write',
  EIO: 'the disk reports an error',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a file of this name is in the way',
  ENAMETOOLONG: 'the path is too long',
  EMFILE: 'too many files are open',
};
