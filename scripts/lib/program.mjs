// Runs programs of the machine to their end.

import { spawn } from 'node:child_process';

/** @returns { code, output, seconds }: stdout and stderr as they came @throws Error when it cannot be started */
export function runProgram(command, args, options = {}) {
  const began = Date.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk));
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
