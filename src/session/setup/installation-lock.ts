import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CertRebindError } from '../../base/errors.ts';
import { acquireLock } from '../../engine/state/lock.ts';
import type { OpenedServer } from '../../shell/servers.ts';
import { prepareState } from '../safe-state.ts';

/**
 * Runs work that changes how CertRebind is installed or started, one process at a time on a server: two `enable` at
 * once could otherwise end without any working mechanism. Runs do not take this lock.
 * @param leavesNoFolder the state folder is removed in the end where nothing is left in it
 * @throws CertRebindError `locked` (exit 6) when another is at it, `unsafe-folder`, `read-only-server`
 */
export async function withInstallationLock<Result>(
  { server, home }: Pick<OpenedServer, 'server' | 'home'>,
  { wait, leavesNoFolder = false }: { readonly wait: boolean; readonly leavesNoFolder?: boolean },
  work: () => Promise<Result>,
): Promise<Result> {
  if (home === null)
    throw new CertRebindError('read-only-server', { message: 'A captured server has no tasks to register or remove.' });
  // Created with its rights, so that what a task starts finds it even if PowerShell does not answer.
  await prepareState({ server, home });
  // Nothing needs cleaning up while it waits: Ctrl-C may end the process.
  const lock = await acquireLock(home, { wait, signal: new AbortController().signal, name: 'installation.lock' });
  try {
    return await work();
  } finally {
    await lock.release();
    // A start that waited for the lock may have begun again in the folder.
    if (leavesNoFolder) for (const folder of [join(home, 'temp'), home]) await rmdir(folder).catch(() => {});
  }
}
