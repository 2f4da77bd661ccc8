import { randomBytes } from 'node:crypto';
import { type FileHandle, link, open, readdir, rm, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CertRebindError } from '../../base/errors.ts';
import { fileErrorCode, isMissing, notReadable, unlessMissing } from '../../base/file-error.ts';
import { momentText } from '../../model/certificates/named-certificate.ts';
import { patiently, readRegularFile, temporaryEnding, writing } from './files.ts';
import { isAlive, type LockOwner, ownerHere, type Processes, processesHere, readOwner } from './lock-owner.ts';
import type { Lock } from './state.ts';

/**
 * Held by a run; or by a command that changes how the program is installed and started (`enable`, `install`,
 * `uninstall` …); or, for a moment, by what writes `seen.json`.
 */
export type LockName = 'lock' | 'installation.lock' | 'seen.lock';

/** Of these the folder is emptied under. */
const lockNames: readonly LockName[] = ['lock', 'installation.lock'];

export interface LockRequest {
  readonly wait: boolean;
  readonly signal: AbortSignal;
  /** The lock that runs take, when absent. */
  readonly name?: LockName;
  /** Called once for each process that is waited for. */
  readonly waiting?: ((owner: LockOwner) => void) | undefined;
  readonly processes?: Processes;
  readonly patience?: Patience;
}

interface Patience {
  /** No run takes longer; a process that waits for a hanging run must not hang too. */
  readonly waitMs: number;
  /** For another process that removes the lock of a dead one, which takes only a moment. */
  readonly takeoverMs: number;
}

const usualPatience: Patience = { waitMs: 30 * 60_000, takeoverMs: 5000 };

/**
 * Takes the lock of a folder. The lock is a file that names its owner and appears complete under its name, by a hard
 * link, for one contender only. A dead owner's file is removed under a separate mutex (`takeAwayDead`), so that fifty
 * contenders who all see the same dead owner can never remove the lock of the one who came first.
 * @throws CertRebindError `locked`, naming the process, when another holds it and `wait` is false, or the wait was too long
 */
export async function acquireLock(
  folder: string,
  { wait, signal, name = 'lock', waiting = () => {}, processes = processesHere, patience = usualPatience }: LockRequest,
): Promise<Lock> {
  const path = join(folder, name);
  const started = performance.now();
  const isBeyond = (ms: number) => performance.now() - started >= ms;
  let told: number | null = null;
  const tell = (owner: LockOwner) => {
    if (told !== owner.pid) waiting(owner);
    told = owner.pid;
  };
  for (;;) {
    const file = await writing(folder, () => place(path, processes));
    if (file !== null) return { release: () => takeDown(path, file) };
    const holder = await holderOf(path, processes);
    if (holder.is === 'alive') {
      if (!wait || signal.aborted) throw locked(folder, name, holder.owner);
      if (isBeyond(patience.waitMs))
        throw new CertRebindError('locked', {
          message: `Process ${holder.owner.pid} has been working on this server since ${momentText(holder.owner.since)}. CertRebind waited ${Math.round(patience.waitMs / 60_000)} minutes for it.`,
          where: folder,
          hint: `No run takes that long. Check process ${holder.owner.pid}, or end it. The next run finishes its work.`,
        });
      tell(holder.owner);
    } else if (holder.is === 'dead') {
      const other = await writing(folder, () => takeAwayDead(folder, name, processes));
      const ms = wait && !signal.aborted ? patience.waitMs : patience.takeoverMs;
      if (other !== null && isBeyond(ms))
        throw new CertRebindError('locked', {
          message: `Process ${other.pid} began to take over the lock of a dead process at ${momentText(other.since)}, but did not finish.`,
          where: folder,
          hint: `End process ${other.pid}, or resume it if it is suspended. Then run the command again.`,
        });
      if (other !== null && isBeyond(patience.takeoverMs)) tell(other);
    }
    await pause(signal);
  }
}

/**
 * Removes everything in a folder whose lock the caller holds, except the lock and the files of processes that wait for
 * it.
 * @throws CertRebindError `not-writable`
 */
export async function emptyLockedFolder(folder: string): Promise<void> {
  await writing(folder, async () => {
    for (const name of await readdir(folder)) {
      if (!isOfLock(name)) await rm(join(folder, name), { recursive: true, force: true });
    }
  });
}

/** Whether a live process holds the lock, for commands that only report it. */
export async function lockOwnerOf(
  folder: string,
  processes: Processes = processesHere,
  name: LockName = 'lock',
): Promise<LockOwner | null> {
  const holder = await holderOf(join(folder, name), processes);
  return holder.is === 'alive' ? holder.owner : null;
}

function isOfLock(name: string): boolean {
  return lockNames.some((lock) => name === lock || name.startsWith(`${lock}.`) || name.startsWith(flagPrefix(lock)));
}

function flagPrefix(name: LockName): string {
  return `${name}-takeover-`;
}

/** Creates the file if there is none: complete from its first moment, and kept open as long as it exists. */
async function place(path: string, processes: Processes): Promise<FileHandle | null> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}${temporaryEnding}`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(JSON.stringify(ownerHere(processes, new Date())));
    await file.sync();
    await link(temporary, path);
    return file;
  } catch (error) {
    await file.close();
    if (isTaken(error)) return null;
    throw error;
  } finally {
    await unlinkPatiently(temporary);
  }
}

async function takeDown(path: string, file: FileHandle): Promise<void> {
  await unlinkPatiently(path);
  await file.close();
}

type Holder = { readonly is: 'alive'; readonly owner: LockOwner } | { readonly is: 'dead' } | { readonly is: 'none' };

async function holderOf(path: string, processes: Processes): Promise<Holder> {
  const text = await readOrNull(path);
  if (text === null) return { is: 'none' };
  const owner = readOwner(text);
  return owner !== null && (await isAlive(owner, path, processes)) ? { is: 'alive', owner } : { is: 'dead' };
}

/**
 * Check and removal have to be one step, which files do not offer. So a process that wants to remove raises a flag (a
 * file with a unique name) and only continues if no other living contender's flag is up: of two who raise at the same
 * time at least one sees the other. Flags of dead processes do not count and anybody can remove them, because their
 * names are unique.
 * @returns another living contender whose flag is up, because of which nothing was done
 */
async function takeAwayDead(folder: string, name: LockName, processes: Processes): Promise<LockOwner | null> {
  const flag = join(folder, `${flagPrefix(name)}${randomBytes(8).toString('hex')}`);
  const file = await place(flag, processes);
  if (file === null) return null;
  try {
    const other = await otherAtIt(folder, name, basename(flag), processes);
    if (other !== null) return other;
    const path = join(folder, name);
    if ((await holderOf(path, processes)).is === 'dead') await unlinkPatiently(path);
    return null;
  } finally {
    await takeDown(flag, file);
  }
}

async function otherAtIt(folder: string, lock: LockName, own: string, processes: Processes): Promise<LockOwner | null> {
  const names = await readdir(folder);
  const flags = names.filter(
    (name) => name.startsWith(flagPrefix(lock)) && !name.endsWith(temporaryEnding) && name !== own,
  );
  const holders = await Promise.all(flags.map((name) => holderOf(join(folder, name), processes)));
  const dead = flags.filter((_, index) => holders[index]?.is === 'dead');
  await Promise.all(dead.map((name) => rm(join(folder, name), { force: true })));
  return holders.flatMap((holder) => (holder.is === 'alive' ? holder.owner : []))[0] ?? null;
}

/** On Windows a name whose file is being deleted while somebody reads it answers EPERM or EBUSY for a moment. */
function isTaken(error: unknown): boolean {
  const code = fileErrorCode(error);
  return code === 'EEXIST' || (process.platform === 'win32' && (code === 'EPERM' || code === 'EBUSY'));
}

async function readOrNull(path: string): Promise<string | null> {
  try {
    return (await readRegularFile(path)).toString('utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    if (process.platform === 'win32' && ['EPERM', 'EBUSY'].includes(fileErrorCode(error) ?? '')) return null;
    throw notReadable(path, error);
  }
}

async function unlinkPatiently(path: string): Promise<void> {
  await patiently(() => unlink(path)).catch(unlessMissing);
}

/** Contenders that started together must not retry at the same moments. */
async function pause(signal: AbortSignal): Promise<void> {
  await sleep(10 + Math.random() * 60, undefined, { signal }).catch(() => {});
}

function locked(folder: string, name: LockName, { pid, since }: LockOwner): CertRebindError {
  const does = name === 'lock' ? 'working on this server' : 'installing or removing CertRebind here';
  return new CertRebindError('locked', {
    message: `Process ${pid} has been ${does} since ${momentText(since)}.`,
    where: folder,
  });
}
