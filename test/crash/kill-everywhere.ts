import assert from 'node:assert/strict';
import fc from 'fast-check';

/** A command of the real program. */
export interface Deed<World> {
  /** Makes the world as it is before the command; called before each kill. */
  readonly prepare: (world: World) => Promise<void>;
  /** Starts the command, which dies at the point of this number. @returns whether it had so many */
  readonly start: (world: World, at: number) => Promise<boolean>;
  /** Has the next start go on, and looks. */
  readonly check: (world: World, when: string, killed: boolean) => Promise<void>;
}

/**
 * Kills a command at each point in turn, until it outlives them all; worlds that are alike share the points among them.
 * @param atLeast how many points there must be
 * @param step where an explorer in one process kills at each of them too: how far apart the points are, others with another seed
 * @returns at how many it was killed
 */
export async function killEverywhere<World>(
  worlds: readonly World[],
  { prepare, start, check }: Deed<World>,
  atLeast: number,
  step = 1,
): Promise<number> {
  const [first = 0] = fc.sample(fc.nat({ max: step - 1 }), 1);
  let next = 1 + first;
  let kills = 0;
  let survived = Number.POSITIVE_INFINITY;
  await Promise.all(
    worlds.map(async (world) => {
      while (next < survived) {
        const at = next;
        next += step;
        await prepare(world);
        const killed = await start(world, at);
        if (killed) kills++;
        else survived = Math.min(survived, at);
        await check(world, killed ? `killed at point ${at}` : 'not killed', killed);
      }
    }),
  );
  assert(survived > atLeast, `the command has only ${survived - 1} points`);
  return kills;
}
