import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join, posix, relative, sep } from 'node:path';
import { CertRebindError } from '../../base/errors.ts';
import { dscManifestName, dscManifestText } from '../../documents/dsc-manifest.ts';
import {
  compareVersions,
  type Installation,
  type Installed,
  type InstalledFile,
  installedFileName,
} from '../../documents/installation.ts';
import {
  type InstallationFacts,
  noInstallation,
  type SetupFacts,
  type UnsafePath,
} from '../../engine/findings/facts.ts';
import { isVerified, verifiedProgram } from '../../engine/findings/proof.ts';
import { makeFolders } from '../../engine/state/files.ts';
import { lockOwnerOf } from '../../engine/state/lock.ts';
import { hashOfFile, type ProgramFile, programFiles } from '../../engine/state/program-files.ts';
import type { PathSafety } from '../../model/windows/path-safety.ts';
import { productEntry } from '../../model/windows/product.ts';
import { changeOne, type Server } from '../../server/server.ts';
import { adapterFileName, adapterFileText } from '../../server/windows/adapter-script.ts';
import { type ProgramPlace, versionFolder } from '../../shell/running-program.ts';
import { version } from '../../shell/version.ts';
import { assertSafe, warningsOfSources } from '../safe-paths.ts';
import { createProgramFolder, pathsBelow } from '../safe-state.ts';
import { clock, type Session } from '../session.ts';
import { changedInModules, placedModuleFolders, placeModules } from './module-places.ts';
import { expectedTasks } from './tasks.ts';

/** What installing this program would change, before any of it is done. */
type Placing = Awaited<ReturnType<typeof planPlacing>>;

/**
 * Checks the folder and what would be put there: the running program and its adapter script in a folder of their
 * version; the manifest for DSC and the program under its lasting name beside that folder.
 * @throws CertRebindError `unsafe-folder`, `newer-installed`
 */
export async function planPlacing(
  { server }: Pick<Session, 'server'>,
  place: ProgramPlace,
  { force = false }: { readonly force?: boolean },
) {
  const { folder, fileName, running } = place;
  // Checked before anything in it is read, because content that others could have written is not trusted.
  assertSafe((await server.judgePaths(pathsOf(place))).paths);
  const installed = await programFiles(folder).readInstalled();
  assertNoDowngrade(version, installed, { force, folder });
  const sha256 = await hashOfFile(running.file);
  const below = folderForVersion(installed, fileName, sha256);
  /** What tasks are to start. */
  const program = join(folder, below, fileName);
  /** Of this version, in a folder of their own beside what is in use. */
  const own: readonly ProgramFile[] = [
    // A script comes before the program that would start it.
    { name: `${below}/${adapterFileName}`, text: adapterFileText },
    { name: `${below}/${fileName}`, from: running.file, sha256, executable: true },
  ];
  /** Everything, once this version is the one in use. */
  const all: readonly ProgramFile[] = [
    ...own,
    ...filesKept(installed, folder, below),
    { name: fileName, from: running.file, sha256, executable: true, sameAs: program },
    // And the manifest after it, since DSC starts what a manifest names.
    { name: dscManifestName, text: dscManifestText(version) },
  ];
  return { place, program, sha256, installed, own, all, warnings: await judgeSources(server, all, folder) };
}

/**
 * Whether a version may replace what is installed. Going back is allowed, but never by accident: an old task that
 * starts an old executable must not bring back bugs that a later version fixed.
 * @throws CertRebindError `newer-installed`
 */
export function assertNoDowngrade(
  version: string,
  installed: Installed | null,
  { force, folder }: { readonly force: boolean; readonly folder: string },
): void {
  if (force || installed === null || compareVersions(version, installed.version) >= 0) return;
  throw new CertRebindError('newer-installed', {
    message: `${folder} contains version ${installed.version}, and this is the older version ${version}. Nothing was changed.`,
    where: folder,
  });
}

/** Puts this version beside the one in use; nothing is written when it is there already. */
export async function stageProgram({ server }: Pick<Session, 'server'>, { place, own }: Placing): Promise<void> {
  if (!existsSync(place.folder)) await createProgramFolder(server, place.folder);
  await programFiles(place.folder).add(version, own, clock.now().toISOString());
}

/** Removes what `stageProgram` added; the version in use stays. */
export async function withdrawProgram({ place, own, installed }: Placing): Promise<void> {
  if (own.some(({ name }) => name === installed?.program)) return;
  await programFiles(place.folder).withdraw(own.map(({ name }) => name));
}

/**
 * Puts the adapter script alone where this version will lie, so that application control can allow it: until then nothing
 * judges the rights of a folder. So only into a folder that an installation made, or that is new in the one of Windows.
 * @returns the file that has to be allowed; `null` where there is another folder
 */
export async function placeAdapter({ folder }: ProgramPlace): Promise<InstalledFile | null> {
  const name = `${versionFolder}/${adapterFileName}`;
  const files = programFiles(folder);
  const installed = await files.readInstalled();
  if (existsSync(folder) && installed === null) return null;
  // That of a program with this version stays as it is.
  if (installed?.files.some((file) => file.name === name) !== true) {
    await makeFolders(folder, 0o755);
    await files.add(version, [{ name, text: adapterFileText }], clock.now().toISOString());
  }
  const file = join(folder, name);
  const sha256 = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  return { name: file, sha256 };
}

/**
 * Makes this version the one in use, and removes what no version in use needs; nothing is written twice.
 * @param lists also check the list of installed programs of Windows if no file was written
 */
export async function finishPlacing(
  { server }: Pick<Session, 'server'>,
  placing: Placing,
  { lists }: { readonly lists: boolean },
): Promise<Installation> {
  const { place, program, installed, all, own, warnings } = placing;
  const { folder } = place;
  if (!existsSync(folder)) await createProgramFolder(server, folder);
  const { changed, removed } = await programFiles(folder).put(
    version,
    all,
    clock.now().toISOString(),
    nameIn(folder, program),
  );
  const placed = await placeModules(server, place, join(folder, place.fileName));
  const known = new Map(installed?.files.map(({ name, sha256 }) => [name, sha256]));
  const staged = own.map(({ name }) => name).filter((name) => !known.has(name) && !changed.includes(name));
  const written = [...staged, ...changed, ...placed.changed];
  const unlisted = lists || written.length > 0 ? await listProduct(server, place) : [];
  return {
    schema: 'certrebind/install/1',
    folder,
    version,
    previous: installed?.version ?? null,
    changed: written,
    removed: [...removed, ...placed.removed],
    modules: placed.modules,
    dscManifest: placed.dscManifest,
    warnings: [...warnings, ...placed.warnings, ...unlisted],
  };
}

/** Only people and tools that look for it depend on the entry. @returns what a person should know */
async function listProduct(server: Server, { folder, fileName, running }: ProgramPlace): Promise<readonly string[]> {
  const { size } = await stat(running.file);
  const product = productEntry({ version, folder, program: join(folder, fileName), bytes: size });
  const error = await changeOne(server, { do: 'list-product', product });
  return error === null ? [] : [`It is not in the list of installed programs: ${error.message}`];
}

/**
 * A folder for each version; a different program with a version that is already there, for example one signed later,
 * gets its own folder too.
 */
function folderForVersion(installed: Installed | null, fileName: string, sha256: string): string {
  const there = installed?.files.find(({ name }) => name === `${versionFolder}/${fileName}`);
  return there === undefined || there.sha256 === sha256 ? versionFolder : `${versionFolder}.${sha256.slice(0, 8)}`;
}

/**
 * The version before this one stays until the next is installed: a start that Task Scheduler has queued may still name
 * it, and so may a run that has not ended.
 */
function filesKept(installed: Installed | null, folder: string, below: string): readonly ProgramFile[] {
  if (installed?.program === undefined) return [];
  const before = posix.dirname(installed.program);
  if (before === below) return [];
  return installed.files
    .filter(({ name }) => name.startsWith(`${before}/`) && existsSync(join(folder, name)))
    .map(({ name }) => ({ name, from: join(folder, name) }));
}

/** Whether what would be put there for tasks to start is there already. */
export function isInPlace({ place, program, sha256, installed }: Placing): boolean {
  const wanted = nameIn(place.folder, program);
  return installed?.files.some((file) => file.name === wanted && file.sha256 === sha256) ?? false;
}

/** How the list of installed files names a file of the folder. */
function nameIn(folder: string, file: string): string {
  return relative(folder, file).split(sep).join('/');
}

/** @throws CertRebindError `read-only-server` */
export function assertPlace({ place }: Pick<Session, 'place'>): ProgramPlace {
  if (place !== null) return place;
  throw new CertRebindError('read-only-server', { message: 'Nothing can be installed on a capture.' });
}

/** How the program lies on the server, for `status` and `doctor`. */
export async function installationFacts(
  session: Pick<Session, 'server' | 'place' | 'home' | 'files' | 'executable'>,
): Promise<InstallationFacts> {
  const { server, place, home } = session;
  if (place === null) return noInstallation;
  const asked = [...pathsOf(place), ...placedModuleFolders(place), ...(home === null ? [] : await pathsBelow(home))];
  const { paths, trusted } = await server.judgePaths(asked);
  const unsafe = unsafePaths(paths);
  const inPlace = unsafe.some(({ path }) => isIn(path, place.folder));
  const installed = inPlace ? null : await programFiles(place.folder).readInstalled().catch(whenDamaged);
  const engine = server.cost().engine ?? null;
  if (installed === null) return { unsafe, trusted, programs: null, engine, setup: await setupFacts(session, null) };
  const changed = await programFiles(place.folder).findChanged(installed);
  const program = nameIn(place.folder, session.executable ?? '');
  const unchanged = installed.files.find(({ name }) => name === program && !changed.includes(name));
  const changedPaths = [...changed.map((name) => join(place.folder, name)), ...(await changedInModules(place))];
  return {
    unsafe: [
      ...unsafe,
      ...changedPaths.map((path) => ({ path, why: 'it is not the file that was installed', mend: null })),
    ],
    trusted,
    programs: { started: version, installed: installed.version, file: join(place.folder, place.fileName) },
    engine,
    setup: await setupFacts(session, unchanged?.sha256 ?? null),
  };
}

/** Each once: everything in a folder reports the folder above it too. */
function unsafePaths(paths: readonly PathSafety[]): readonly UnsafePath[] {
  const found = paths.flatMap(({ dangers }) => dangers.map(({ where, why, mend }) => ({ path: where, why, mend })));
  return [...new Map(found.map((each) => [`${each.path}\n${each.why}`, each])).values()];
}

function pathsOf({ folder, fileName }: ProgramPlace): readonly string[] {
  const own = [adapterFileName, fileName].map((name) => `${versionFolder}/${name}`);
  return [folder, ...[fileName, ...own, dscManifestName, installedFileName].map((name) => join(folder, name))];
}

/**
 * Anybody who can write to the source folder could have put this very file there. A file that stays in its place must
 * meet the rules of that place.
 * @throws CertRebindError `unsafe-folder`
 */
async function judgeSources(server: Server, files: readonly ProgramFile[], folder: string): Promise<readonly string[]> {
  const { paths: sources } = await server.judgePaths(files.flatMap((file) => ('from' in file ? [file.from] : [])));
  assertSafe(sources.filter(({ path }) => isIn(path, folder)));
  return warningsOfSources(sources);
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(join(folder, sep));
}

/**
 * How far `enable` and `install` have come on a server, and whether what the tasks start is the program that was verified.
 * @param sha256 of what the tasks start, where it was just looked at; `null`: it is hashed
 */
export async function setupFacts(
  { files, home, executable }: Pick<Session, 'files' | 'home' | 'executable'>,
  sha256: string | null,
): Promise<SetupFacts | null> {
  if (home === null || executable === null) return null;
  const setup = await files.readSetup().catch(whenDamaged);
  if (setup === null) return null;
  const { verified, failed, unfinished } = setup;
  return {
    verified: verified !== null && (await counts(verified, executable, sha256)) ? verified : null,
    failed,
    unfinished:
      unfinished === null || (await lockOwnerOf(home, undefined, 'installation.lock')) !== null ? null : unfinished,
  };
}

async function counts(
  verified: NonNullable<SetupFacts['verified']>,
  executable: string,
  sha256: string | null,
): Promise<boolean> {
  const [task] = expectedTasks(executable);
  if (task === undefined) return false;
  try {
    return isVerified(verified, verifiedProgram(task, sha256 ?? (await hashOfFile(executable))));
  } catch (thrown) {
    // A program that is gone no longer counts as verified.
    if (thrown instanceof CertRebindError) return false;
    throw thrown;
  }
}

/** For a file whose damage is reported elsewhere. */
function whenDamaged(thrown: unknown): null {
  if (thrown instanceof CertRebindError) return null;
  throw thrown;
}
