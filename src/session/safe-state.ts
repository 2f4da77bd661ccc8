import { existsSync } from 'node:fs';
import { readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CertRebindError } from '../base/errors.ts';
import { ensureFolder } from '../engine/state/files.ts';
import { persistentFiles } from '../engine/state/persistent-files.ts';
import { indexName, type RunFolders, runFolders, runsFolderName } from '../engine/state/run-folders.ts';
import { changeOne, type Server } from '../server/server.ts';
import type { OpenedServer } from '../shell/servers.ts';
import { assertSafe } from './safe-paths.ts';

/**
 * Refuses a state folder that others could write to, or that contains anything made by others, at any depth.
 * @throws CertRebindError `unsafe-folder`
 */
export async function assertSafeState(
  { server, home }: Pick<OpenedServer, 'server' | 'home'>,
  runs?: RunFolders,
): Promise<void> {
  if (home === null || !existsSync(home)) return;
  // Nor through a link, no matter who made it.
  await ensureFolder(home);
  assertSafe((await server.judgePaths(await pathsBelow(home, runs))).paths);
}

/**
 * The state folder for the first command that writes to it: checked as in every run, or created with its final rights;
 * and in it the folder for temporary files, which the next PowerShell then uses instead of the one of Windows.
 * @throws CertRebindError `unsafe-folder`
 */
export async function prepareState({ server, home }: Pick<OpenedServer, 'server' | 'home'>): Promise<void> {
  await assertSafeState({ server, home });
  if (home === null) return;
  if (!existsSync(home)) await makeStateFolder(server, home, 'unsafe-folder');
  await persistentFiles(home).temporaryFolder();
}

/**
 * A state folder has its final rights from the moment it is created: any user who may write below ProgramData could
 * otherwise create it first (fidelity: precreated-folder). It is removed again if others could replace it: with it in place
 * every later start would be refused.
 * @throws CertRebindError `unsafe-folder`, or with this code when it cannot be made
 */
export async function makeStateFolder(
  server: Server,
  home: string,
  code: 'unsafe-folder' | 'not-writable',
): Promise<void> {
  const error = await changeOne(server, { do: 'create-folder', path: home, readableBy: 'administrators' });
  if (error !== null && !existsSync(home)) throw notMade(code, home, error.message);
  try {
    // If fifty start at once, one creates it and the others find it there; or somebody else created it before all of them.
    await assertSafeState({ server, home });
  } catch (thrown) {
    if (error === null) await rmdir(home).catch(() => {});
    throw thrown;
  }
}

/**
 * A folder is judged by its content, at any depth; of its parent it is enough that nobody can replace the folder. The
 * target of a link is not checked, because the link itself is a reason to refuse. Runs that this program closed in a
 * folder that was safe then are left out; an undo checks the one that it takes (`assertSafeRun`).
 */
export async function pathsBelow(
  home: string,
  runs = runFolders(join(home, runsFolderName)),
): Promise<readonly string[]> {
  const entries = await readdir(home, { withFileTypes: true }).catch(() => []);
  const below = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) =>
        name === runsFolderName ? pathsOfRuns(join(home, name), runs) : everythingIn(join(home, name)),
      ),
  );
  return [join(home, 'ledger.json'), ...entries.map(({ name }) => join(home, name)), ...below.flat()];
}

/**
 * Refuses a run that others could have changed since it was closed.
 * @throws CertRebindError `unsafe-folder`
 */
export async function assertSafeRun(server: Server, home: string, run: string): Promise<void> {
  const folder = join(home, runsFolderName, run);
  assertSafe((await server.judgePaths([folder, ...(await everythingIn(folder))])).paths);
}

/** If an older version left very many, these only matter to a command that lists them. */
const mostClosedRuns = 1000;

async function pathsOfRuns(folder: string, runs: RunFolders): Promise<readonly string[]> {
  const { closed, others } = await runs.notInIndex();
  const names = [...others, ...closed.slice(-mostClosedRuns)];
  const paths: string[] = [join(folder, indexName)];
  for (const name of names) paths.push(join(folder, name), ...(await everythingIn(join(folder, name))));
  return paths;
}

async function everythingIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.map(({ parentPath, name }) => join(parentPath, name));
}

/** For everyone to read, and for administrators to change. @throws CertRebindError `unsafe-folder` when it cannot be made so in one step */
export async function createProgramFolder(server: Server, path: string): Promise<void> {
  const error = await changeOne(server, { do: 'create-folder', path, readableBy: 'everyone' });
  if (error !== null) throw notMade('unsafe-folder', path, error.message);
}

function notMade(code: 'unsafe-folder' | 'not-writable', where: string, why: string): CertRebindError {
  const how = code === 'unsafe-folder' ? ' with access for administrators only' : '';
  return new CertRebindError(code, { message: `${where} could not be created${how}: ${why}`, where });
}
