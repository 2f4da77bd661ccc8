import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dscManifestName, dscManifestText } from '../../documents/dsc-manifest.ts';
import { type Installation, installedFileName } from '../../documents/installation.ts';
import { type ProgramFile, programFiles } from '../../engine/state/program-files.ts';
import { firstDanger, type Server } from '../../server/server.ts';
import type { ProgramPlace } from '../../shell/running-program.ts';
import { version } from '../../shell/version.ts';
import { createProgramFolder } from '../safe-state.ts';
import { clock } from '../session.ts';

/** The files in place, by absolute path. */
interface PlacedModules extends Pick<Installation, 'modules' | 'dscManifest' | 'warnings'> {
  /** Folders of versions, of which a file was written again. */
  readonly changed: readonly string[];
  /** Folders of the version before. */
  readonly removed: readonly string[];
}

/**
 * Puts the modules of this version where Windows PowerShell and, if installed, PowerShell 7 look for modules of all
 * users, and removes the version that was put there before. They contain no program and find the installed one. A
 * folder from another source, such as a package of a gallery, is left alone (fidelity: module-path).
 * @param program that has a name that stays the same, for DSC
 */
export async function placeModules(server: Server, place: ProgramPlace, program: string): Promise<PlacedModules> {
  const [modules, changed, removed, warnings]: [string[], string[], string[], string[]] = [[], [], [], []];
  let dscManifest = { file: join(place.folder, dscManifestName), needsPath: true };
  for (const { folder, module, findsDsc } of modulePlaces(place)) {
    const files = filesOf(module, findsDsc ? program : null);
    const own = join(folder, moduleVersion());
    const there = programFiles(folder);
    const list = await there.readInstalled().catch(() => null);
    modules.push(own);
    if (list === null && existsSync(own)) continue;
    const danger = await firstDanger(server, [folder, own]);
    if (danger !== null) {
      modules.pop();
      warnings.push(`The PowerShell module was not installed in ${folder}: ${danger.where} ${danger.why}.`);
      continue;
    }
    if (!existsSync(folder)) await createProgramFolder(server, folder);
    const put = await there.put(version, files, clock.now().toISOString());
    changed.push(...versionsOf(folder, put.changed));
    removed.push(...versionsOf(folder, put.removed).filter((version) => version !== own));
    const manifest = files.find(({ name }) => name.endsWith(`/${dscManifestName}`));
    if (manifest !== undefined) dscManifest = { file: join(folder, manifest.name), needsPath: false };
  }
  return { modules, changed, removed, dscManifest, warnings };
}

/** Removes the modules that were put in place. @returns their folders */
export async function removeModules(place: ProgramPlace): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const { folder } of modulePlaces(place)) {
    const files = programFiles(folder);
    const list = await files.readInstalled();
    if (list === null) continue;
    await files.remove(list);
    removed.push(folder);
  }
  return removed;
}

/**
 * Where modules were put, with the folder of this version: anybody who can write there decides what administrators
 * import.
 */
export function placedModuleFolders(place: ProgramPlace): readonly string[] {
  const own = modulePlaces(place).filter(({ folder }) => existsSync(join(folder, installedFileName)));
  return own.flatMap(({ folder }) => [folder, join(folder, moduleVersion())]);
}

/** Files of the modules that are not as they were put in place, by absolute path. */
export async function changedInModules(place: ProgramPlace): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const { folder } of modulePlaces(place)) {
    const files = programFiles(folder);
    const list = await files.readInstalled().catch(() => null);
    if (list !== null) changed.push(...(await files.findChanged(list)).map((name) => join(folder, name)));
  }
  return changed;
}

function filesOf(module: string, dscProgram: string | null): readonly ProgramFile[] {
  const all: Readonly<Record<string, string>> = JSON.parse(MODULE_FILES);
  const own = Object.entries(all).filter(([name]) => name.startsWith(`${module}/`));
  const texts = own.map(([name, text]) => ({ name: `${moduleVersion()}/${name.slice(module.length + 1)}`, text }));
  if (dscProgram === null || module !== 'CertRebind') return texts;
  return [...texts, { name: `${moduleVersion()}/${dscManifestName}`, text: dscManifestText(version, dscProgram) }];
}

function versionsOf(folder: string, names: readonly string[]): readonly string[] {
  return [...new Set(names.map((name) => join(folder, name.split('/', 1)[0] ?? '')))];
}

/**
 * The folders of the modules, in which each version has a folder of its own. DSC v3 looks for manifests in module folders
 * too, but not in those of Windows PowerShell (fidelity: dsc-what-if).
 */
function modulePlaces({ folder }: ProgramPlace) {
  const programs = dirname(folder);
  const seven = join(programs, 'PowerShell');
  const roots = [
    { root: join(programs, 'WindowsPowerShell', 'Modules'), findsDsc: false },
    ...(existsSync(seven) ? [{ root: join(seven, 'Modules'), findsDsc: true }] : []),
  ];
  return roots.flatMap(({ root, findsDsc }) =>
    ['CertRebind', 'CertRebindDsc'].map((module) => ({ module, folder: join(root, module), findsDsc })),
  );
}

/** A module has no pre-release in the name of its folder. */
function moduleVersion(): string {
  return version.split(/[-+]/, 1)[0] ?? version;
}
