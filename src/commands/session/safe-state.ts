import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { demandSafe } from '../../plan/installation.ts';
import { readPaths } from '../../server/server.ts';
import { ensureFolder } from '../../state/folder.ts';
import { standingFiles } from '../../state/standing-files.ts';
import { createFolder } from './create-folder.ts';
import type { OpenedServer } from './servers.ts';

/**
 * Refuses a state folder that others could write, or that holds anything of others, however deep.
 * @throws CertRebindError `unsafe-folder`
 */
export async function demandSafeState({ server, home }: Pick<OpenedServer, 'server' | 'home'>): Promise<void> {
  if (home === null || !existsSync(home)) return;
  // Also not through a link, whoever made it.
  await ensureFolder(home);
  demandSafe(await readPaths(server, await pathsBelow(home)));
}

/**
 * The state folder for whoever writes into it first: looked at as by every run, or made with its final rights; and in it
 * the folder for temporary files, which the next PowerShell then has instead of that of Windows.
 * @throws CertRebindError `unsafe-folder`
 */
export async function prepareState({ server, home }: Pick<OpenedServer, 'server' | 'home'>): Promise<void> {
  await demandSafeState({ server, home });
  if (home === null) return;
  if (!existsSync(home)) await createFolder(server, home, 'administrators');
  await standingFiles(home).temporaryFolder();
}

/**
 * A folder is judged by what lies in it, however deep: of its own parent it is enough that nobody can exchange it. What a
 * link in it leads to is not looked for, since the link itself is a reason to refuse.
 */
export async function pathsBelow(home: string): Promise<readonly string[]> {
  const entries = await readdir(home, { recursive: true, withFileTypes: true }).catch(() => []);
  return [join(home, 'ledger.json'), ...entries.map(({ parentPath, name }) => join(parentPath, name))];
}
