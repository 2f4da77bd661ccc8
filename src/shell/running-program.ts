import { dirname, join } from 'node:path';
import { isSea } from 'node:sea';
import { version } from './version.ts';

/** The program that runs, as a file. */
export interface RunningProgram {
  /** Absolute. */
  readonly file: string;
  /** One executable with everything in it; otherwise a bundle that a Node runs. */
  readonly packaged: boolean;
}

/**
 * The folder where the program is installed on a server. Each version has its own folder below it, which is what tasks
 * start: a new version can be verified beside the one in use. The program directly in the folder is the same file under a
 * name that stays the same, for people and scripts.
 */
export interface ProgramPlace {
  readonly folder: string;
  /** For example `certrebind.exe`. */
  readonly fileName: string;
  readonly running: RunningProgram;
}

/** Whether this is the packaged executable. Node itself tells it: nothing outside the program can fake it. */
export function isPackaged(): boolean {
  return isSea();
}

export function placeIn(folder: string, running: RunningProgram): ProgramPlace {
  const ending = /\.(?:exe|cjs)$/i.exec(running.file)?.[0].toLowerCase() ?? '';
  return { folder, fileName: `certrebind${ending}`, running };
}

/** The folder of this version, by its name below the folder of the program. */
export const versionFolder = version.replaceAll('+', '.');

/**
 * What tasks start: when packaged, always an installed program, wherever this one was started from. That is the version
 * in use; if there is none, this version's.
 */
export async function taskProgram(place: ProgramPlace): Promise<string> {
  const { folder, fileName, running } = place;
  if (!running.packaged) return running.file;
  return join(folder, (await programInUse(place)) ?? join(versionFolder, fileName));
}

/** Where this version lies once it is installed, whatever program runs. */
export function folderOfVersion({ folder }: ProgramPlace): string {
  return join(folder, versionFolder);
}

/**
 * The folder of an installed program, with its adapter script; `null` for any other program. The script is taken only
 * from there, where only administrators can change it: any user could put another script beside a downloaded program.
 */
export async function folderInPlace(place: ProgramPlace): Promise<string | null> {
  const { folder, running } = place;
  const at = dirname(running.file);
  if (isSamePath(dirname(at), folder)) return at;
  if (!isSamePath(at, folder)) return null;
  const inUse = await programInUse(place);
  return inUse === null ? folder : dirname(join(folder, inUse));
}

/** `doctor` and `install` report a list that cannot be read; here it counts as absent. */
async function programInUse({ folder }: ProgramPlace): Promise<string | null> {
  // Loaded late, together with the validators: a start that only prints its version needs none of them.
  const { programFiles } = await import('../engine/state/program-files.ts');
  const files = programFiles(folder);
  return (await files.readInstalled().catch(() => null))?.program ?? null;
}

/** Windows does not look at letter case, and no other system installs anything. */
function isSamePath(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
