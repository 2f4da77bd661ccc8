import { CertRebindError } from '../model/errors.ts';
import { whyRefused } from '../model/file-error.ts';

/**
 * Does something with a file and names the folder when the system does not let us.
 * @throws CertRebindError `not-writable`
 */
export async function writing<Result>(where: string, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    const why = whyRefused(error);
    if (why === null) throw error;
    throw new CertRebindError('not-writable', { message: `${where} cannot be written: ${why}.`, where, cause: error });
  }
}
