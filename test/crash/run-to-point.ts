import { join } from 'node:path';
import { type Ended, run, startOptions } from '../cli/run-program.ts';

const nodeOptions = [...startOptions, '--require', join(import.meta.dirname, 'die-at.cjs')];

/**
 * Runs the built program, which kills itself at the point that the environment names.
 * @param env `DIE_AT` and others, as `die-at.cjs` reads them
 */
export async function runToPoint(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ended & { readonly killed: boolean }> {
  const ended = await run(args, { nodeOptions, env });
  return { ...ended, killed: ended.signal === 'SIGKILL' };
}
