import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { dscManifestName, dscManifestText } from '../../model/dsc-manifest.ts';
import { CertRebindError } from '../../model/errors.ts';
import { type Installation, type Installed, installedFileName } from '../../model/installation.ts';
import type { PathSafety } from '../../model/path-safety.ts';
import { type InstallationFacts, noInstallation, type UnsafePath } from '../../plan/doctor/facts.ts';
import { demandNoDowngrade, demandSafe, warningsOfSources } from '../../plan/installation.ts';
import { judgePaths, readPaths, type Server } from '../../server/server.ts';
import { adapterFileName, adapterFileText } from '../../server/windows/adapter-script.ts';
import { type ProgramFile, programFiles } from '../../state/program-files.ts';
import { version } from '../shell/version.ts';
import { createFolder } from './create-folder.ts';
import type { ProgramPlace } from './running-program.ts';
import { pathsBelow } from './safe-state.ts';
import { clock, type Session } from './session.ts';

/**
 * Copies the program that runs to its place for good, its adapter script and its manifest for DSC beside it, and the
 * module where there is one.
 * Everything is in place already: nothing is written.
 * @throws CertRebindError `unsafe-folder`, `newer-installed`, `not-writable`
 */
export async function placeProgram(
  { server }: Pick<Session, 'server'>,
  place: ProgramPlace,
  { force, withModule }: { readonly force: boolean; readonly withModule: boolean },
): Promise<Installation> {
  const { folder, target, running } = place;
  const files = programFiles(folder);
  // Before anything in it is read: what others could have written is not believed either.
  await demandSafePlace(server, place);
  const installed = await files.readInstalled();
  demandNoDowngrade(version, installed, { force, folder });
  const module = withModule ? await moduleAround(running.file) : null;
  const wanted: readonly ProgramFile[] = [
    // A script comes before the program that would start it.
    { name: adapterFileName, text: adapterFileText },
    ...(module === null ? filesKept(installed, folder) : module.files),
    { name: basename(target), from: running.file, executable: true },
    // And the manifest after it, since DSC starts what a manifest names.
    { name: dscManifestName, text: dscManifestText(version) },
  ];
  const warnings = await judgeSources(server, wanted, folder);
  if (!existsSync(folder)) await createFolder(server, folder, 'everyone');
  const { changed, removed } = await files.put(version, wanted, clock.now().toISOString());
  return {
    schema: 'certrebind/install/1',
    folder,
    version,
    previous: installed?.version ?? null,
    changed,
    removed,
    module: module === null ? null : join(folder, ...moduleParts),
    dscManifest: join(folder, dscManifestName),
    warnings,
  };
}

/** @throws CertRebindError `read-only-server` */
export function demandPlace({ place }: Pick<Session, 'place'>): ProgramPlace {
  if (place !== null) return place;
  throw new CertRebindError('read-only-server', { message: 'Nothing can be installed on a captured server.' });
}

/** How the program lies on the server, for `status` and `doctor`. */
export async function installationFacts({
  server,
  place,
  home,
}: Pick<Session, 'server' | 'place' | 'home'>): Promise<InstallationFacts> {
  if (place === null) return noInstallation;
  const asked = [...pathsOf(place), ...(home === null ? [] : await pathsBelow(home))];
  const { paths, trusted } = await judgePaths(server, asked);
  const unsafe = unsafePaths(paths);
  const inPlace = unsafe.some(({ path }) => isIn(path, place.folder));
  const installed = inPlace ? null : await programFiles(place.folder).readInstalled().catch(orNull);
  const engine = server.cost().engine ?? null;
  if (installed === null) return { unsafe, trusted, versions: [], engine };
  const changed = await programFiles(place.folder).findChanged(installed);
  return {
    unsafe: [
      ...unsafe,
      ...changed.map((name) => ({
        path: join(place.folder, name),
        why: 'it is not the file that was installed',
        mend: null,
      })),
    ],
    trusted,
    versions: [
      { part: 'the program that was started', version },
      { part: `the program in ${place.folder}`, version: installed.version },
    ],
    engine,
  };
}

/** Each once: a folder above is told of by everything in it. */
function unsafePaths(paths: readonly PathSafety[]): readonly UnsafePath[] {
  const found = paths.flatMap(({ dangers }) => dangers.map(({ where, why, mend }) => ({ path: where, why, mend })));
  return [...new Map(found.map((each) => [`${each.path}\n${each.why}`, each])).values()];
}

async function demandSafePlace(server: Server, place: ProgramPlace): Promise<void> {
  demandSafe(await readPaths(server, pathsOf(place)));
}

function pathsOf({ folder, target }: ProgramPlace): readonly string[] {
  return [folder, target, ...[adapterFileName, dscManifestName, installedFileName].map((name) => join(folder, name))];
}

/**
 * Whoever can write where a file comes from could have put this very file there. What stays in its place is held to the
 * rules of that place.
 * @throws CertRebindError `unsafe-folder`
 */
async function judgeSources(server: Server, files: readonly ProgramFile[], folder: string): Promise<readonly string[]> {
  const sources = await readPaths(
    server,
    files.flatMap((file) => ('from' in file ? [file.from] : [])),
  );
  demandSafe(sources.filter(({ path }) => isIn(path, folder)));
  return warningsOfSources(sources);
}

const moduleParts = ['Module', 'CertRebind'] as const;

/** The module that the program came with: it lies in the folder `bin` of it, or right beside its folder. */
async function moduleAround(program: string): Promise<{ readonly files: readonly ProgramFile[] } | null> {
  const around = [join(dirname(program), '..'), join(dirname(program), 'CertRebind')];
  const root = around.find((folder) => existsSync(join(folder, 'CertRebind.psd1')));
  if (root === undefined) return null;
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !relative(root, path).startsWith(`bin${sep}`))
    .map((from) => ({ name: [...moduleParts, ...relative(root, from).split(sep)].join('/'), from }));
  return { files: files.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

/** A module that is there stays listed when only the program is put in place. */
function filesKept(installed: Installed | null, folder: string): readonly ProgramFile[] {
  return (installed?.files ?? [])
    .filter(({ name }) => name.startsWith(`${moduleParts[0]}/`) && existsSync(join(folder, name)))
    .map(({ name }) => ({ name, from: join(folder, name) }));
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(join(folder, sep));
}

function orNull(thrown: unknown): null {
  if (thrown instanceof CertRebindError) return null;
  throw thrown;
}
