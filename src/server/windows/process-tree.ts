import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { nullIfThrown } from '../../base/errors.ts';
import { groupBy } from '../../base/group.ts';

/**
 * Kills a process and everything it started, and resolves when the system was asked to. Never throws: a process that is
 * already gone is what was wanted.
 * @param systemFolder the trusted `System32`, where taskkill.exe is; not used elsewhere than on Windows
 */
export async function killTree(pid: number, systemFolder: string): Promise<void> {
  if (process.platform === 'win32') await taskkill(pid, systemFolder);
  else for (const member of treeOf(pid)) killQuietly(member);
}

function taskkill(pid: number, systemFolder: string): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn(`${systemFolder}\\taskkill.exe`, ['/T', '/F', '/PID', String(pid)], {
      stdio: 'ignore',
      windowsHide: true,
      env: {},
    });
    child.once('error', () => {
      killQuietly(pid);
      resolve();
    });
    child.once('exit', () => resolve());
  });
}

/** Parents first, so that none can start another child meanwhile. */
function treeOf(root: number): readonly number[] {
  const children = groupBy(runningProcesses(), ([, parent]) => parent);
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []).map(([child]) => child));
  return tree;
}

/** Pairs of process and parent, out of /proc; none if there is no /proc. */
function runningProcesses(): readonly (readonly [number, number])[] {
  return (nullIfThrown(() => readdirSync('/proc')) ?? []).flatMap((name) => {
    const pid = Number(name);
    const parent = Number.isInteger(pid) ? parentOf(name) : null;
    return parent === null ? [] : [[pid, parent] as const];
  });
}

function parentOf(pid: string): number | null {
  const stat = nullIfThrown(() => readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? '';
  // The command name is in brackets and may itself contain any character.
  const [, parent] = /\) \S (\d+) [^)]*$/.exec(stat) ?? [];
  return parent === undefined ? null : Number(parent);
}

/** One that has ended by itself cannot be killed. */
function killQuietly(pid: number): void {
  nullIfThrown(() => process.kill(pid, 'SIGKILL'));
}
