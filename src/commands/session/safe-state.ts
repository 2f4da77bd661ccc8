import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { demandSafe } from '../../plan/installation.ts';
import { readPaths } from '../../server/server.ts';
import { ensureFolder } from '../../state/folder.ts';
import type { Session } from './session.ts';

/**
 * Refuses a state folder that others could write, or that holds anything of others.
 * @throws CertRebindError `unsafe-folder`
 */
export async function demandSafeState({ server, home }: Pick<Session, 'server' | 'home'>): Promise<void> {
  if (home === null || !existsSync(home)) return;
  // Also not through a link, whoever made it.
  await ensureFolder(home);
  demandSafe(await readPaths(server, await pathsBelow(home)));
}

/** A folder is judged by what lies in it: of its own parent it is enough that nobody can exchange it. */
export async function pathsBelow(home: string): Promise<readonly string[]> {
  const names = await readdir(home).catch(() => []);
  return [join(home, 'ledger.json'), ...names.map((name) => join(home, name))];
}
