import type { Change, Server } from '../server/server.ts';
import { CertRebindError } from '../text/errors.ts';

/**
 * Carries out changes to tasks and their log; none means that the server is not asked at all.
 * @throws CertRebindError `task-refused` naming the first that was refused
 */
export async function changeTasks(server: Server, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return;
  const reports = await server.change(changes);
  for (const [index, { error }] of reports.entries()) {
    if (error === null) continue;
    const change = changes[index];
    const where = change !== undefined && 'name' in change ? { where: `${change.path}${change.name}` } : {};
    throw new CertRebindError('task-refused', { message: error.message, ...where });
  }
}
