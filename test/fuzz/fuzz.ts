import { CertRebindError } from '../../src/base/errors.ts';
import { mutated, randomFrom } from './mutate.ts';
import type { FuzzTarget } from './targets.ts';

export interface Find {
  readonly bytes: Buffer;
  readonly why: string;
}

/** The longest that a processor may work on any input of this size: on a busy machine time alone says little. */
export const slowestMs = 2000;
const mostMegabytes = 300;

/** What is wrong with how a parser takes an input; `null` when it answers in time, with a value or a typed error. */
export async function complaint(target: FuzzTarget, bytes: Buffer): Promise<string | null> {
  const started = process.cpuUsage();
  const memory = process.memoryUsage.rss();
  try {
    await target.parse(bytes);
  } catch (thrown) {
    if (!(thrown instanceof CertRebindError))
      return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    if (thrown.message.length > 2000) return `a message of ${thrown.message.length} characters`;
    if (thrown.exitCode === 1) return `a defect of ours: ${thrown.message}`;
  }
  const { user, system } = process.cpuUsage(started);
  const tookMs = (user + system) / 1000;
  const took = (process.memoryUsage.rss() - memory) / 1024 ** 2;
  if (took > mostMegabytes) return `it took ${Math.round(took)} MB`;
  return tookMs > slowestMs ? `it took ${Math.round(tookMs)} ms` : null;
}

/** Tries inputs for so long, or until one does harm. */
export async function fuzz(
  target: FuzzTarget,
  seed: number,
  forMs: number,
): Promise<{ readonly tried: number; readonly find: Find | null }> {
  const random = randomFrom(seed);
  const end = performance.now() + forMs;
  let tried = 0;
  do {
    const bytes = mutated(target.seeds, random);
    const why = await complaint(target, bytes);
    tried++;
    if (why !== null) return { tried, find: { bytes: await smallest(target, bytes), why } };
  } while (performance.now() < end);
  return { tried, find: null };
}

/** Cut from either end as long as it does harm. */
async function smallest(target: FuzzTarget, bytes: Buffer): Promise<Buffer> {
  let best = bytes;
  for (let step = best.length >> 1; step > 0; step >>= 1) {
    for (const shorter of [best.subarray(0, best.length - step), best.subarray(step)]) {
      if (shorter.length < best.length && (await complaint(target, shorter)) !== null) best = shorter;
    }
  }
  return best;
}
