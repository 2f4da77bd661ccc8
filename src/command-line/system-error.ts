import { CertRebindError } from '../text/errors.ts';
import { whyRefused } from '../text/file-error.ts';

/** A file that cannot be written is not a defect of this program; every other unexpected error is. */
export function systemError(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || whyRefused(thrown) === null) return thrown;
  const where = 'path' in thrown && typeof thrown.path === 'string' ? { where: thrown.path } : {};
  return new CertRebindError('not-writable', { message: thrown.message, cause: thrown, ...where });
}
