import { type ChildProcess, spawn } from 'node:child_process';
import { basename, join } from 'node:path';
import { taskResults } from '../../model/windows/task-results.ts';
import type { TaskStart } from '../kernel/lab-state.ts';
import { splitArguments } from './command-line.ts';

export interface SchedulerOptions {
  /** What the started programs find in their environment, beside what this process has itself. */
  readonly environment: () => Readonly<Record<string, string>>;
  /** Called once for each start, when its process and everything it left behind has ended. */
  readonly finished: (start: TaskStart, exitCode: number) => Promise<void>;
}

/** Starts the programs that the kernel's Task Scheduler chooses. The kernel decides which, when and how often. */
export interface Scheduler {
  start(start: TaskStart): void;
  /** So much time passes at once: what waits no longer than that starts now, and what has run for its limit ends. */
  pass(ms: number): void;
  /** Ends what runs of a task, and forgets what waits. */
  stop(task: Pick<TaskStart, 'path' | 'name'>): Promise<void>;
  /** Ends what runs and forgets what waits. */
  close(): Promise<void>;
}

interface Running {
  readonly task: TaskStart;
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  /** Ends it as its time limit does, after which it is `terminated`. */
  readonly limit: () => void;
  /** When its time limit is over, on the clock of `performance.now`. */
  readonly endsAt: number;
}

/** Exit codes that Task Scheduler itself shows (fidelity: task-results). */
const fileNotFound = 0x80070002;
const { terminated } = taskResults;

export function openScheduler({ environment, finished }: SchedulerOptions): Scheduler {
  const running = new Set<Running>();
  const waiting = new Map<NodeJS.Timeout, { readonly task: TaskStart; readonly dueAt: number }>();
  let closed = false;

  function start(task: TaskStart): void {
    if (closed) return;
    if (task.delayMs === 0) {
      run(task);
      return;
    }
    const timer = setTimeout(() => {
      waiting.delete(timer);
      run(task);
    }, task.delayMs);
    waiting.set(timer, { task, dueAt: performance.now() + task.delayMs });
  }

  function pass(ms: number): void {
    const until = performance.now() + ms;
    for (const one of running) if (one.endsAt <= until) one.limit();
    for (const [timer, { task, dueAt }] of waiting) {
      if (dueAt > until) continue;
      clearTimeout(timer);
      waiting.delete(timer);
      run(task);
    }
  }

  function run(task: TaskStart): void {
    let child: ChildProcess;
    try {
      child = startProgram(task, environment());
    } catch {
      // For a start that cannot even be attempted: an empty command, or a file name with a zero byte.
      void finished(task, fileNotFound);
      return;
    }
    let limited = false;
    const limit = () => {
      limited = true;
      void killTree(child);
    };
    const limitMs = task.timeLimitMs;
    const timer = limitMs === null ? undefined : setTimeout(limit, limitMs);
    const exit = new Promise<number>((resolve) => {
      child.once('error', () => resolve(fileNotFound));
      child.once('exit', (code) => resolve(limited ? terminated : (code ?? terminated) >>> 0));
    });
    const ended = exit.then(async (exitCode) => {
      clearTimeout(timer);
      running.delete(entry);
      if (!closed) await finished(task, exitCode);
    });
    const endsAt = limitMs === null ? Number.POSITIVE_INFINITY : performance.now() + limitMs;
    const entry: Running = { task, child, ended, limit, endsAt };
    running.add(entry);
  }

  async function stop({ path, name }: Pick<TaskStart, 'path' | 'name'>): Promise<void> {
    const isOf = (task: TaskStart) => task.path === path && task.name === name;
    for (const [timer, { task }] of waiting) {
      if (!isOf(task)) continue;
      clearTimeout(timer);
      waiting.delete(timer);
    }
    const own = [...running].filter(({ task }) => isOf(task));
    await Promise.all(
      own.map(async ({ child, ended }) => {
        await killTree(child);
        await ended;
      }),
    );
  }

  async function close(): Promise<void> {
    closed = true;
    for (const timer of waiting.keys()) clearTimeout(timer);
    await Promise.all(
      [...running].map(async ({ child, ended }) => {
        await killTree(child);
        await ended;
      }),
    );
  }

  return { start, pass, stop, close };
}

export type ProgramStart = Pick<TaskStart, 'command' | 'arguments' | 'workingDirectory'>;

/** @throws Error for a start that cannot even be attempted */
export function startProgram(task: ProgramStart, environment: Readonly<Record<string, string>>): ChildProcess {
  const { file, args } = programOf(task);
  return spawn(file, args, {
    cwd: task.workingDirectory ?? undefined,
    env: { ...process.env, ...environment },
    stdio: 'ignore',
    windowsHide: true,
    // A group of its own, so that the time limit ends what the program started as well.
    detached: process.platform !== 'win32',
  });
}

/**
 * A script is started with the Node that runs this; where this is itself a packaged program, the program is started in
 * the script's place.
 */
function programOf({ command, arguments: line }: ProgramStart): {
  readonly file: string;
  readonly args: readonly string[];
} {
  const file = expandVariables(command.replace(/^"(.*)"$/, '$1'));
  const args = splitArguments(line);
  if (!/\.(cjs|mjs|js|ts)$/i.test(file)) return { file, args };
  if (!/^node(\.exe)?$/i.test(basename(process.execPath))) return { file: process.execPath, args };
  // These options of Node are what lets it run TypeScript.
  return { file: process.execPath, args: [...(file.endsWith('.ts') ? process.execArgv : []), file, ...args] };
}

/** Like Task Scheduler in a command; variables that are not set stay as written. */
function expandVariables(text: string): string {
  return text.replace(/%([^%]+)%/g, (written, name: string) => process.env[name] ?? written);
}

export function killTree(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return Promise.resolve();
  if (process.platform === 'win32') {
    const taskkill = join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', 'taskkill.exe');
    return new Promise((resolve) => {
      const killer = spawn(taskkill, ['/T', '/F', '/PID', `${pid}`], { stdio: 'ignore', windowsHide: true });
      killer.once('error', () => resolve());
      killer.once('exit', () => resolve());
    });
  }
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
  return Promise.resolve();
}
