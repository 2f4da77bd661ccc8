import assert from 'node:assert/strict';
import { promises } from 'node:fs';
import { type FileHandle, rm } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join, sep } from 'node:path';
import type { StartingProofs } from '../support/starting-proofs.ts';
import {
  enabling,
  expectRemembered,
  mechanisms,
  nativeName,
  ours,
  type SetUpWorld,
  setUpWorld,
} from './set-up-world.ts';

/** Thrown at the moment of death, and by everything that a dead process would still try. */
class Killed extends Error {}

describe('a kill of enable, install and uninstall', () => {
  let world: SetUpWorld;
  beforeEach(async () => {
    world = await setUpWorld();
  });
  afterEach(() => world.remove());

  /** Kills the command at each of its effects in turn, looks, and lets the next start come to its end. */
  async function killedEverywhere(
    words: readonly string[],
    after: { readonly next: readonly string[]; readonly ends: readonly string[] },
    how: StartingProofs = {},
  ): Promise<number> {
    const again = await world.keep();
    for (let at = 1; ; at++) {
      await again();
      const killed = await killedAt(at, words, how);
      const when = `${words.join(' ')}, killed at effect ${at}`;
      assert.ok((await mechanisms(world.tasks())).length > 0, `${when}: no mechanism is left`);
      await expectRemembered(world.tasks(), world.home, when);
      if (!killed) return at - 1;
      // Whose process is gone does not hold a lock.
      for (const lock of ['installation.lock', 'lock']) await rm(join(world.home, lock), { force: true });
      await world.done(after.next, how);
      const then = `${when}, then ${after.next.join(' ')}`;
      await expectRemembered(world.tasks(), world.home, then);
      assert.deepEqual(await mechanisms(world.tasks()), after.ends, then);
      await world.expectWhole(after.next[0] !== 'uninstall', then);
      const proofs = world.tasks().filter(({ name }) => name.startsWith('CertRebind-Proof'));
      assert.deepEqual(proofs, [], `${when}: the task of a proof is left`);
    }
  }

  async function killedAt(at: number, words: readonly string[], how: StartingProofs): Promise<boolean> {
    let effects = 0;
    let dead = false;
    const effect = (): void => {
      if (dead) throw new Killed('dead already');
      effects += 1;
      dead = effects === at;
      if (dead) throw new Killed(`killed at effect ${at}`);
    };
    const release = countWrites([world.home, world.place, world.modules], effect);
    const whileAlive =
      <Asked extends readonly unknown[], T>(ask: (...asked: Asked) => Promise<T>) =>
      async (...asked: Asked) => {
        if (dead) throw new Killed('dead already');
        return ask(...asked);
      };
    try {
      await world.call(words, {
        ...how,
        wrap: (server) => ({
          ...server,
          async change(changes) {
            const reports = [];
            // One by one: a process can die between any two.
            for (const change of changes) {
              effect();
              reports.push(...(await server.change([change])));
            }
            return reports;
          },
          snapshot: whileAlive(server.snapshot),
          tasks: whileAlive(server.tasks),
          judgePaths: whileAlive(server.judgePaths),
        }),
      });
    } finally {
      await release();
    }
    return dead;
  }

  it('enable --replace-native always leaves a mechanism, and the next one comes to its end', async () => {
    const points = await killedEverywhere(enabling, { next: enabling, ends: ours(1) });
    console.log(`    ${points} effects of enable`);
    assert.ok(points > 30, `only ${points} effects`);
  });

  it('install of a new version always leaves a mechanism, and the next one comes to its end', async () => {
    await world.done(enabling);
    await world.download(2);
    const points = await killedEverywhere(['install'], { next: ['install'], ends: ours(2) });
    console.log(`    ${points} effects of install`);
    assert.ok(points > 30, `only ${points} effects`);
  });

  it('uninstall always leaves a mechanism where IIS Manager had one, and the next one comes to its end', async () => {
    await world.done(enabling);
    const points = await killedEverywhere(['uninstall'], { next: ['uninstall'], ends: [nativeName] });
    console.log(`    ${points} effects of uninstall`);
    assert.ok(points > 10, `only ${points} effects`);
  });

  it('an upgrade that cannot be verified always leaves a mechanism, and uninstall after it gives IIS Manager its own back', async () => {
    await world.done(enabling);
    await world.download(2);
    const after = { next: ['uninstall'], ends: [nativeName] };
    const points = await killedEverywhere(['enable'], after, { works: () => false });
    console.log(`    ${points} effects of an upgrade that is not verified`);
    assert.ok(points > 20, `only ${points} effects`);
  });
});

const writing = ['link', 'mkdir', 'rename', 'rm', 'rmdir', 'unlink'] as const;

/** Calls `effect` before every writing in these folders, for as long as it is not released. */
function countWrites(folders: readonly string[], effect: () => void): () => Promise<void> {
  const handles: FileHandle[] = [];
  const originals = { ...promises };
  const isIn = (path: unknown) =>
    typeof path === 'string' && folders.some((folder) => path === folder || path.startsWith(folder + sep));
  for (const name of writing) {
    const whole = originals[name];
    Object.assign(promises, {
      [name]: async (...args: readonly unknown[]) => {
        if (args.some(isIn)) effect();
        return Reflect.apply(whole, promises, args);
      },
    });
  }
  Object.assign(promises, {
    open: async (...args: readonly unknown[]) => {
      if (isIn(args[0]) && typeof args[1] === 'string' && /[wa+]/.test(args[1])) effect();
      const opened = await Reflect.apply(originals.open, promises, args);
      handles.push(opened);
      return opened;
    },
  });
  syncBuiltinESMExports();
  return async () => {
    Object.assign(promises, originals);
    syncBuiltinESMExports();
    // A process that is gone has nothing open.
    await Promise.all(handles.map((handle) => handle.close().catch(() => {})));
  };
}
