import { notWritable } from '../model/text/file-error.ts';

/**
 * Does something with a file and names the folder when the system does not let us.
 * @throws CertRebindError `not-writable`
 */
export async function writing<Result>(where: string, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    throw notWritable(where, error);
  }
}
