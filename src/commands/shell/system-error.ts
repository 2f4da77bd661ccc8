import { CertRebindError } from '../../model/errors.ts';

const unwritable = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EISDIR', 'ENOTDIR']);

/** A file that cannot be written is no defect of ours; everything else that was not foreseen is. */
export function systemError(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown instanceof CertRebindError) return thrown;
  if (!('code' in thrown) || typeof thrown.code !== 'string' || !unwritable.has(thrown.code)) return thrown;
  const where = 'path' in thrown && typeof thrown.path === 'string' ? { where: thrown.path } : {};
  return new CertRebindError('not-writable', { message: thrown.message, cause: thrown, ...where });
}
