import { notWritable } from '../../base/file-error.ts';

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
