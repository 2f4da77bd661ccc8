import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { checkExit } from './check-exit.ts';
import { checkPrinted } from './check-printed.ts';
import { watchWritten } from './check-written.ts';

export interface Ended {
  readonly exitCode: number | null;
  /** What killed it. */
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options stand before `--`: what follows it is the line of another program. */
export function withOptions(line: readonly string[], ...options: readonly string[]): readonly string[] {
  const dashes = line.includes('--') ? line.indexOf('--') : line.length;
  return [...line.slice(0, dashes), ...options, ...line.slice(dashes)];
}

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));

/** The bundle with the lab, as a user of the Linux binary has it. */
export const labProgram = `${dist}certrebind-lab.cjs`;
/** The program of a Windows server as one file; its executable holds the same parts as assets. */
export const serverProgram = `${dist}certrebind.cjs`;

/** Options of Node with which a built program starts faster. */
export const startOptions: readonly string[] = [
  '--require',
  fileURLToPath(new URL('../support/code-cache.cjs', import.meta.url)),
];

/** The same in the environment, for what a program starts in its turn. */
export const startEnvironment = { NODE_OPTIONS: startOptions.map((word) => JSON.stringify(word)).join(' ') };

/** A script that is `certrebind` in a shell. */
export const certrebindScript = `#!/bin/sh\nexec "${process.execPath}" ${startOptions.join(' ')} "${labProgram}" "$@"\n`;

export interface RunOptions {
  readonly program?: string;
  /** Options of Node; those with which a program starts faster when absent. */
  readonly nodeOptions?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
  readonly uid?: number;
  /** Killed then; its exit code is `null`. */
  readonly timeoutMs?: number;
}

/** Runs a built program in a process of its own, with nothing of this process's environment that could steer it. */
export async function run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const checkWritten = watchWritten(args, options);
  const child = spawn(
    process.execPath,
    [...(options.nodeOptions ?? startOptions), options.program ?? labProgram, ...args],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs, killSignal: 'SIGKILL' as const }),
      env: {
        PATH: process.env.PATH ?? '',
        HOME: process.env.HOME ?? '',
        TZ: 'UTC',
        ...(options.nodeOptions === undefined ? startEnvironment : {}),
        ...options.env,
      },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    },
  );
  child.stdin.end(options.input ?? '');
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const [exitCode, signal] = await once(child, 'close');
  checkExit(args, exitCode);
  checkWritten();
  return { exitCode, signal, stdout, stderr };
}

/** What a program printed with `--json`: the one document on stdout, which fits its printed schema. */
export function printedBy({ exitCode, stdout, stderr }: Ended): {
  readonly exitCode: number | null;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the contract says is there
  readonly document: any;
  readonly stderr: string;
} {
  const document = JSON.parse(stdout);
  checkPrinted(document);
  return { exitCode, document, stderr };
}

/** Runs with `--json` and returns the one document on stdout. */
export async function runJson(args: readonly string[], options: RunOptions = {}) {
  return printedBy(await run([...args, '--json'], options));
}
