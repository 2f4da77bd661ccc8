import { constants, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { fileErrorCode, isMissing } from '../model/text/file-error.ts';

/**
 * Who holds a lock, told so that neither a process number nor a restart of the machine can be mistaken for it. Linux
 * tells when a process started and which boot this is. Windows tells neither without a program being started for it;
 * there the owner keeps its file open for as long as it lives, and whether somebody has a file open can be tried.
 */
export interface LockOwner {
  readonly pid: number;
  /** When the process started, in the clock of the system; `null` where the system does not tell about others. */
  readonly start: string | null;
  /** Which boot of the machine this was; `null` where it has no name. */
  readonly boot: string | null;
  readonly since: string;
}

/** What a lock has to know about processes; replaced in tests. */
export interface Processes {
  readonly pid: number;
  exists(pid: number): boolean;
  startOf(pid: number): string | null;
  boot(): string | null;
  /** Whether any process has this file open; `null` where the system does not tell. */
  hasOpen(path: string): Promise<boolean | null>;
}

/** Linux tells start and boot below /proc; elsewhere only whether the number is in use. */
export const processesHere: Processes = {
  pid: process.pid,
  exists(pid) {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      // EPERM: there is such a process, and it is another user's.
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

/** Opening for oneself alone (libuv's UV_FS_O_EXLOCK) fails while anybody else has the file open. */
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

/** Whether the owner that a file names lives; whatever speaks against it counts. */
export async function isAlive(owner: LockOwner, path: string, processes: Processes): Promise<boolean> {
  if (owner.boot !== null && owner.boot !== processes.boot()) return false;
  if (!processes.exists(owner.pid)) return false;
  if (owner.start !== null && owner.start !== processes.startOf(owner.pid)) return false;
  return (await processes.hasOpen(path)) !== false;
}

/** `null` for a text that no lock of ours holds. */
export function readOwner(text: string): LockOwner | null {
  try {
    const value: unknown = JSON.parse(text);
    return isOwner(value) ? value : null;
  } catch {
    return null;
  }
}

function isOwner(value: unknown): value is LockOwner {
  if (typeof value !== 'object' || value === null) return false;
  const text = (name: string) => {
    const field: unknown = Reflect.get(value, name);
    return field === null || typeof field === 'string';
  };
  return 'pid' in value && Number.isInteger(value.pid) && text('start') && text('boot') && text('since');
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
