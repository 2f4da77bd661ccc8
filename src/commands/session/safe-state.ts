import { existsSync } from 'node:fs';
import { readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { demandSafe } from '../../findings/installation.ts';
import { readPaths, type Server } from '../../server/server.ts';
import { ensureFolder } from '../../state/folder.ts';
import { runFolders, runsFolderName } from '../../state/run-folders.ts';
import { indexName } from '../../state/run-index.ts';
import { standingFiles } from '../../state/standing-files.ts';
import type { State } from '../../state/state.ts';
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
  if (!existsSync(home)) {
    try {
      await createFolder(server, home, 'administrators');
    } catch (thrown) {
      if (!existsSync(home)) throw thrown;
      // Of two that start at once one makes it, and the other finds it there; or somebody else was quicker than both.
      await demandSafeState({ server, home });
    }
    await demandSafePlaceOf({ server, home });
  }
  await standingFiles(home).temporaryFolder();
}

/**
 * Looks at where a folder lies that was just made, and takes it away again where others could exchange it: with it there
 * every later start would be refused.
 * @throws CertRebindError `unsafe-folder`
 */
export async function demandSafePlaceOf(made: { readonly server: Server; readonly home: string }): Promise<void> {
  try {
    await demandSafeState(made);
  } catch (thrown) {
    await rmdir(made.home).catch(() => {});
    throw thrown;
  }
}

/**
 * A folder is judged by what lies in it, however deep: of its own parent it is enough that nobody can exchange it. What a
 * link in it leads to is not looked for, since the link itself is a reason to refuse. Left out are the runs that this
 * program closed itself in a folder that was safe then; of these an undo takes one, and looks at it (`demandSafeRun`).
 */
export async function pathsBelow(home: string): Promise<readonly string[]> {
  const entries = await readdir(home, { withFileTypes: true }).catch(() => []);
  const below = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => (name === runsFolderName ? pathsOfRuns(join(home, name)) : everythingIn(join(home, name)))),
  );
  return [join(home, 'ledger.json'), ...entries.map(({ name }) => join(home, name)), ...below.flat()];
}

/**
 * Refuses a run that others could have changed since it was closed.
 * @throws CertRebindError `unsafe-folder`
 */
export async function demandSafeRun(
  { server, home, state }: Pick<OpenedServer, 'server' | 'home'> & { readonly state: Pick<State, 'folder'> },
  run: string,
): Promise<void> {
  if (home === null || state.folder !== home) return;
  const folder = join(home, runsFolderName, run);
  demandSafe(await readPaths(server, [folder, ...(await everythingIn(folder))]));
}

/** Where an older version left very many, these are of use to nobody but one who wants to list them. */
const mostClosedRuns = 1000;

async function pathsOfRuns(folder: string): Promise<readonly string[]> {
  const { closed, others } = await runFolders(folder).notInIndex();
  const names = [...others, ...closed.slice(-mostClosedRuns)];
  const paths: string[] = [join(folder, indexName)];
  for (const name of names) paths.push(join(folder, name), ...(await everythingIn(join(folder, name))));
  return paths;
}

async function everythingIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.map(({ parentPath, name }) => join(parentPath, name));
}
