import assert from 'node:assert/strict';
import { CertRebindError } from '../../../src/base/errors.ts';
import { Killed, mortal } from './mortal.ts';
import type { World } from './world.ts';

/** What a process does, and how to tell that everything has come to a good end. */
export interface Deed {
  /** What has happened before the process begins. */
  prepare(): Promise<World>;
  act(world: World): Promise<unknown>;
  /** How many undisturbed starts it takes after a kill, at most; one when absent. */
  readonly starts?: number;
  /** What must be so after these; `when` is for the messages. */
  check(world: World, when: string): Promise<void>;
}

/**
 * Kills the process of a deed after every piece of its work, each in turn; then the process that comes next, at each of
 * its pieces, and so on for as many deaths in a row; and from every state that this leads to starts an undisturbed one
 * and checks, also that every run is closed. States that are the same to the last byte are looked at once, since they have
 * one future.
 * @param atLeast how many states there must be
 */
export async function explore(deed: Deed, deaths: number, atLeast: number): Promise<void> {
  const untouched = await deed.prepare();
  const seen = new Set([untouched.text()]);
  let worlds: readonly Trace[] = [{ world: untouched, killedAfter: [] }];
  for (let death = 1; death <= deaths; death++) {
    const next: Trace[] = [];
    for (const trace of worlds) {
      for (let pieces = 0; ; pieces++) {
        const killed = await killedAfter(deed, trace, pieces);
        if (killed === null) break;
        const text = killed.world.text();
        if (seen.has(text)) continue;
        seen.add(text);
        next.push(killed);
        await checkFrom(deed, killed);
      }
    }
    worlds = next;
  }
  assert(seen.size > atLeast, `only ${seen.size - 1} states`);
}

interface Trace {
  readonly world: World;
  /** After how many pieces of work each process so far was killed. */
  readonly killedAfter: readonly number[];
}

/** `null` when the process had no more work than that. */
async function killedAfter(deed: Deed, { world, killedAfter: earlier }: Trace, pieces: number): Promise<Trace | null> {
  const fork = world.fork();
  const { context } = mortal(fork, pieces);
  try {
    await actOnce(deed, { ...fork, context });
    return null;
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
    return { world: fork, killedAfter: [...earlier, pieces] };
  }
}

async function checkFrom(deed: Deed, { world, killedAfter: pieces }: Trace): Promise<void> {
  const fork = world.fork();
  const { context } = mortal(fork, Number.POSITIVE_INFINITY);
  const next = { ...fork, context };
  for (let start = 1; start <= (deed.starts ?? 1); start++) await actOnce(deed, next);
  const when = `killed after ${pieces.join(' pieces of work, then after ')}`;
  assert.deepEqual(await next.state.unfinishedRuns(), [], `${when}: every run is closed`);
  await deed.check(next, when);

  const settled = next.text();
  await actOnce(deed, next);
  assert.equal(withoutClock(next.text()), withoutClock(settled), `${when}: a further start changes something`);
}

/** Names of runs are given out whether or not a run comes to be; the log is listed, and faults are met in vain. */
function withoutClock(text: string): string {
  return text
    .replace(/^\[\d+,\d+,/, '[')
    .replace(/(listedAt\\+":\\+")[^\\]*/, '$1')
    .replace(/"seen":\d+/g, '');
}

/** An undo of a run that never came to be, or was undone, is refused. */
async function actOnce(deed: Deed, world: World): Promise<void> {
  try {
    await deed.act(world);
  } catch (error) {
    if (!(error instanceof CertRebindError) || error.code !== 'no-such-run') throw error;
  }
}
