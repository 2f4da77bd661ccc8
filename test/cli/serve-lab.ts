import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { labProgram, startEnvironment } from './run-program.ts';

/** A lab that a process of its own serves. */
export interface Serving {
  /** The line by which it said that it is ready. */
  readonly ready: string;
  stop(): Promise<void>;
}

export interface ServingOptions {
  /** What runs the program with the lab; the built bundle when absent. */
  readonly command?: readonly [program: string, ...words: string[]];
  readonly env?: NodeJS.ProcessEnv;
}

export async function serveLab(
  folder: string,
  { command: [program, ...words] = [process.execPath, labProgram], env = process.env }: ServingOptions = {},
): Promise<Serving> {
  const child = spawn(program, [...words, 'lab', 'serve', folder, '--json'], {
    // For what its scheduler starts, too.
    env: { ...env, NODE_OPTIONS: `${env.NODE_OPTIONS ?? ''} ${startEnvironment.NODE_OPTIONS}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [ready] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), endedTooEarly(child)]);
  return { ready, stop: () => end(child) };
}

/** Rejects when a lab that is not ready yet ends. */
export async function endedTooEarly(serving: ChildProcess): Promise<never> {
  await once(serving, 'exit');
  throw new Error('lab serve ended before it was ready');
}

/** Ends a lab, and waits for it. */
export async function end(serving: ChildProcess): Promise<void> {
  if (serving.exitCode !== null || serving.signalCode !== null) return;
  const ended = once(serving, 'exit');
  serving.kill('SIGTERM');
  await ended;
}
