// Runs programs of the machine to their end.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { inRoot } from './paths.mjs';

/**
 * @param options of `spawn`, and `input` for its standard input
 * @returns { code, output, seconds }: stdout and stderr as they came, unless stderr is given elsewhere @throws Error when it
 * cannot be started
 */
export function runProgram(command, args, { input, stderr = 'pipe', ...options } = {}) {
  const began = Date.now();
  const stdin = input === undefined ? 'ignore' : 'pipe';
  const child = spawn(command, args, { stdio: [stdin, 'pipe', stderr], ...options });
  child.stdin?.end(input);
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${command} cannot be started: ${error.message}`)));
    child.once('close', (code) =>
      resolve({
        code: code ?? 1,
        output: Buffer.concat(chunks).toString('utf8'),
        seconds: (Date.now() - began) / 1000,
      }),
    );
  });
}

/** @returns the output @throws Error for any exit code but 0 */
export async function demand(command, args, options) {
  const { code, output } = await runProgram(command, args, options);
  if (code === 0) return output;
  throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output.trimEnd()}`);
}

/** The same while nothing else goes on. @throws Error for any exit code but 0, and when it cannot be started */
export function assertNow(command, args, options) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? stdout + stderr}`);
}

/** Tells a program to end, and waits until it has. */
export async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** What the built program with the lab says, whatever it ends with. */
export async function tellLab(words, options) {
  return (await runProgram(process.execPath, [inRoot('dist/certrebind-lab.cjs'), ...words], options)).output;
}
