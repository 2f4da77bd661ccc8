// A lock between processes: creating a folder either succeeds or fails, also when several try at the same moment.

import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 100;
// How long a folder may exist without saying whose it is before its maker is taken for dead.
const NAMELESS_MS = 5_000;

/**
 * Runs `work` while holding the lock folder, and waits for the process that holds it now.
 * A holder that was killed is noticed by its process id and its lock is taken over.
 */
export async function withLock(folder, work, { onWait } = {}) {
  let told = false;
  while (!tryMake(folder)) {
    if (isAbandoned(folder)) {
      takeAway(folder);
      continue;
    }
    if (!told) onWait?.();
    told = true;
    await sleep(POLL_MS);
  }
  writeFileSync(join(folder, 'pid'), String(process.pid));
  const release = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

function tryMake(folder) {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function isAbandoned(folder) {
  try {
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    if (pid > 0) return !isAlive(pid);
  } catch {
    // Not written yet, or released this moment; the age decides.
  }
  return ageOf(folder) > NAMELESS_MS;
}

export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

// Two waiters may find the same dead holder. Only the one that makes the second folder clears the first, and it looks
// again before it does: otherwise the slower one would remove the lock that the faster one has just taken.
function takeAway(folder) {
  const claim = `${folder}.takeover`;
  if (!tryMake(claim)) {
    if (ageOf(claim) > NAMELESS_MS) rmSync(claim, { recursive: true, force: true });
    return;
  }
  if (isAbandoned(folder)) rmSync(folder, { recursive: true, force: true });
  rmSync(claim, { recursive: true, force: true });
}

function ageOf(folder) {
  try {
    return Date.now() - statSync(folder).mtimeMs;
  } catch {
    return 0;
  }
}
