import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { CertRebindError } from '../../base/errors.ts';
import { fileErrorCode, isMissing, whyRefused } from '../../base/file-error.ts';

/**
 * The process that may change a lab's folder at the moment: `lab serve` while it runs, or a client during one request.
 * One file holds both, so they cannot disagree.
 */
export interface Owner {
  readonly pid: number;
  /** Where the owner answers; `null` for a client that will be done in a moment. */
  readonly pipe: string | null;
}

export interface ServingOwner extends Owner {
  readonly pipe: string;
}

export interface Ownership {
  release(): void;
}

/**
 * Takes the folder, or returns who serves it. Waits for clients that hold it for a moment. These files are so small that
 * reading and writing them at once takes less time than having another thread do it.
 */
export async function takeOwnership(
  folder: string,
  owner: Owner,
): Promise<
  | { readonly got: 'ownership'; readonly ownership: Ownership }
  | { readonly got: 'server'; readonly owner: ServingOwner }
> {
  const file = ownerFile(folder);
  const deadline = Date.now() + longestWaitMs;
  while (true) {
    if (createWhole(file, `${JSON.stringify(owner)}\n`)) {
      return { got: 'ownership', ownership: { release: () => rmSync(file, { force: true }) } };
    }
    const other = readOwner(folder);
    if (other !== null && !isAlive(other.pid)) {
      forgetOwner(folder, other);
    } else if (other !== null && isServing(other)) {
      return { got: 'server', owner: other };
    } else if (Date.now() > deadline) {
      throw new CertRebindError('server-unreachable', {
        message: `The lab has been in use by process ${other?.pid ?? 'unknown'} for ${longestWaitMs / 1000} seconds.`,
        hint: `If no such process works with this lab, delete ${file}.`,
        where: file,
      });
    } else {
      await wait(5 + Math.random() * 20);
    }
  }
}

/** `null` when nobody owns the folder. */
export function readOwner(folder: string): Owner | null {
  try {
    return JSON.parse(readFileSync(ownerFile(folder), 'utf8'));
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

export function isServing(owner: Owner): owner is ServingOwner {
  return owner.pipe !== null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user is alive anyway.
    return fileErrorCode(error) === 'EPERM';
  }
}

const longestWaitMs = 120_000;

function ownerFile(folder: string): string {
  return join(folder, 'serving.json');
}

/** Appears with its whole content or not at all, and never replaces another file. */
function createWhole(file: string, text: string): boolean {
  const draft = draftName(file);
  try {
    writeFileSync(draft, text);
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (fileErrorCode(error) === 'EEXIST') return false;
    throw notOurs(file, error);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Tells a command that only reads why a reading needs write access. */
function notOurs(file: string, cause: unknown): unknown {
  const why = whyRefused(cause);
  if (why === null) return cause;
  return new CertRebindError('not-writable', {
    message: `The lab in ${dirname(file)} cannot be used, not even to read it, because CertRebind cannot write its lock file there (${why}).`,
    hint: 'Run the command as the owner of the folder, or make a capture there and use it with --replay.',
    where: file,
    cause,
  });
}

/**
 * What a killed owner left: its file and, on systems where a pipe is a file, that one too. Moved away before it is
 * removed, because another client may have cleared it and taken the folder meanwhile; then that client's file is put
 * back.
 */
export function forgetOwner(folder: string, dead: Owner): void {
  const file = ownerFile(folder);
  const aside = draftName(file);
  try {
    renameSync(file, aside);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  const moved: Owner = JSON.parse(readFileSync(aside, 'utf8'));
  if (moved.pid !== dead.pid || moved.pipe !== dead.pipe) linkSync(aside, file);
  rmSync(aside, { force: true });
  if (dead.pipe !== null && basename(dirname(dead.pipe)).startsWith(pipeFolderPrefix)) {
    rmSync(dirname(dead.pipe), { recursive: true, force: true });
  }
}

function draftName(file: string): string {
  return `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;
}

export const pipeFolderPrefix = 'certrebind-lab-';
