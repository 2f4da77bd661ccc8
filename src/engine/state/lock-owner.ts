import { constants, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { isObject } from '../../base/document.ts';
import { nullIfThrown } from '../../base/errors.ts';
import { fileErrorCode, isMissing } from '../../base/file-error.ts';

/**
 * Who holds a lock, described so that neither a reused process number nor a restart of the machine can be mistaken for
 * it. Linux shows when a process started and which boot this is. Windows shows neither without starting a program;
 * there the owner keeps its file open as long as it lives, and a process can test whether a file is open.
 */
export interface LockOwner {
  readonly pid: number;
  /** When the process started, in the clock of the system; `null` if the system does not show that of others. */
  readonly start: string | null;
  /** Which boot of the machine this was; `null` if it has no name. */
  readonly boot: string | null;
  readonly since: string;
}

/** What a lock has to know about processes; replaced in tests. */
export interface Processes {
  readonly pid: number;
  exists(pid: number): boolean;
  startOf(pid: number): string | null;
  boot(): string | null;
  /** Whether any process has this file open; `null` if the system does not show it. */
  hasOpen(path: string): Promise<boolean | null>;
}

/** Linux shows start and boot below /proc; other systems only whether the number is in use. */
export const processesHere: Processes = {
  pid: process.pid,
  exists(pid) {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      // EPERM: the process exists and belongs to another user.
      return fileErrorCode(error) === 'EPERM';
    }
  },
  startOf(pid) {
    // The name in parentheses may itself hold blanks and parentheses; start time is the 20th field after it.
    const stat = readOrNull(`/proc/${pid}/stat`);
    return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  },
  boot: () => readOrNull('/proc/sys/kernel/random/boot_id')?.trim() ?? null,
  hasOpen: async (path) => (process.platform === 'win32' ? isOpenOnWindows(path) : null),
};

/** Opening exclusively (libuv's UV_FS_O_EXLOCK) fails while any other process has the file open. */
const exclusively = 0x1000_0000;

async function isOpenOnWindows(path: string): Promise<boolean> {
  try {
    await (await open(path, constants.O_RDWR | exclusively)).close();
    return false;
  } catch (error) {
    return !isMissing(error);
  }
}

export function ownerHere(processes: Processes, now: Date): LockOwner {
  const { pid } = processes;
  return { pid, start: processes.startOf(pid), boot: processes.boot(), since: now.toISOString() };
}

/** Whether the owner that a file names is alive; any sign against it counts. */
export async function isAlive(owner: LockOwner, path: string, processes: Processes): Promise<boolean> {
  if (owner.boot !== null && owner.boot !== processes.boot()) return false;
  if (!processes.exists(owner.pid)) return false;
  if (owner.start !== null && owner.start !== processes.startOf(owner.pid)) return false;
  return (await processes.hasOpen(path)) !== false;
}

/** `null` for a text that is not in the form of our locks. */
export function readOwner(text: string): LockOwner | null {
  const value: unknown = nullIfThrown(() => JSON.parse(text));
  return isOwner(value) ? value : null;
}

function isOwner(value: unknown): value is LockOwner {
  if (!isObject(value)) return false;
  const { pid, start, boot, since } = value;
  return Number.isInteger(pid) && [start, boot, since].every((text) => text === null || typeof text === 'string');
}

function readOrNull(path: string): string | null {
  return nullIfThrown(() => readFileSync(path, 'utf8'));
}
