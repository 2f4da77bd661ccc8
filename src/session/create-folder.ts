import type { Change, Server } from '../server/server.ts';
import { CertRebindError } from '../text/errors.ts';

/** @throws CertRebindError `unsafe-folder` when it cannot be made with its rights in one step */
export async function createFolder(
  server: Server,
  path: string,
  readableBy: Extract<Change, { do: 'create-folder' }>['readableBy'],
): Promise<void> {
  const [report] = await server.change([{ do: 'create-folder', path, readableBy }]);
  if (report?.error == null) return;
  throw new CertRebindError('unsafe-folder', {
    message: `${path} could not be created with access for administrators only: ${report.error.message}`,
    where: path,
  });
}
