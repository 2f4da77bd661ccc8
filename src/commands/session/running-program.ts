import { basename, join } from 'node:path';
import { isSea } from 'node:sea';

/** The program that runs, as a file. */
export interface RunningProgram {
  /** Absolute. */
  readonly file: string;
  /** One executable with everything in it; otherwise a bundle that a Node runs. */
  readonly packaged: boolean;
}

/** Where the program lies for good on a server. */
export interface ProgramPlace {
  readonly folder: string;
  /** The file in it that tasks start. */
  readonly target: string;
  readonly running: RunningProgram;
}

/** Whether this is the packaged executable. Told by Node itself: nothing around the program can claim it. */
export function isPackaged(): boolean {
  return isSea();
}

export function placeIn(folder: string, running: RunningProgram): ProgramPlace {
  const ending = /\.(?:exe|cjs)$/i.exec(basename(running.file))?.[0].toLowerCase() ?? '';
  return { folder, target: join(folder, `certrebind${ending}`), running };
}

/** What a task has to start: packaged, always the program in its place, wherever this one was started from. */
export function taskProgram({ target, running }: ProgramPlace): string {
  return running.packaged ? target : running.file;
}

/**
 * The folder of a program that runs from its place; `null` for any other. The adapter script is taken from that one place,
 * which only administrators can change: beside a program that was downloaded, any user could have put another.
 */
export function installedFolder({ folder, target, running }: ProgramPlace): string | null {
  return running.file.toLowerCase() === target.toLowerCase() ? folder : null;
}
