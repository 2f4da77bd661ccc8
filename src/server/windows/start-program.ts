import { type ChildProcess, spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { messageFrom } from '../../base/errors.ts';
import { engineEnvironment, windowsFolders } from './engine.ts';
import { killTree } from './process-tree.ts';

export interface ProgramStart {
  /** Absolute path; started as it is, without a shell. */
  readonly program: string;
  readonly args: readonly string[];
  /** The only variables besides those that a program needs to run at all. */
  readonly values: Readonly<Record<string, string>>;
  /** A folder for its temporary files that only administrators can write. */
  readonly temporary: string;
  readonly timeLimitMs: number;
}

export type ProgramEnd =
  | { readonly how: 'ended'; readonly exitCode: number }
  | { readonly how: 'time-limit' }
  | { readonly how: 'not-started'; readonly why: string };

/**
 * Starts an administrator's program with its own environment, and waits for its end; at the time limit it is killed
 * with everything it started. Of this process's environment it only gets facts about the machine.
 */
export async function startProgram(start: ProgramStart): Promise<ProgramEnd> {
  const system = process.platform === 'win32' ? windowsFolders() : null;
  let child: ChildProcess;
  try {
    child = spawn(start.program, [...start.args], {
      cwd: dirname(start.program),
      env: { ...environment(system?.systemRoot ?? null, start.temporary), ...start.values },
      stdio: 'ignore',
      shell: false,
      windowsHide: true,
    });
  } catch (error) {
    return { how: 'not-started', why: messageFrom(error) };
  }
  return new Promise((resolve) => {
    let limited = false;
    const limit = setTimeout(() => {
      limited = true;
      if (child.pid !== undefined) void killTree(child.pid, system?.system ?? '');
    }, start.timeLimitMs);
    child.once('error', (error) => {
      clearTimeout(limit);
      resolve({ how: 'not-started', why: messageFrom(error) });
    });
    child.once('exit', (exitCode, signal) => {
      clearTimeout(limit);
      // The exit code that shells use for an end by a signal.
      resolve(limited ? { how: 'time-limit' } : { how: 'ended', exitCode: exitCode ?? (signal === null ? 1 : 128) });
    });
  });
}

function environment(systemRoot: string | null, temporary: string): Readonly<Record<string, string>> {
  if (systemRoot === null) return { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8', TMPDIR: temporary };
  return engineEnvironment(process.env, { systemRoot, temporary });
}
