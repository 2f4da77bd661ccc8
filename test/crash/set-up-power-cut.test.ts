import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { standingFiles } from '../../src/engine/state/persistent-files.ts';
import { programFiles } from '../../src/engine/state/program-files.ts';
import type { LabTask } from '../../src/lab/kernel/lab-state.ts';
import { recorded } from '../support/power-cut.ts';
import { isSlow } from '../support/slow.ts';
import {
  enabling,
  expectRemembered,
  mechanisms,
  nativeName,
  ours,
  type SetUpWorld,
  setUpWorld,
} from './set-up-world.ts';

/** Tasks between two changes of the server, which keeps what it was told. */
interface Moment {
  readonly from: number;
  readonly tasks: readonly LabTask[];
  /** Makes the server be like that again. */
  readonly again: () => Promise<void>;
}

/** In `npm test` right before and after each change of the server; else after every call, and the next start goes on. */
const isThorough = isSlow;
const parts = ['certrebind', 'Program Files'];

describe('when the power fails during enable, install and uninstall', () => {
  let world: SetUpWorld;
  beforeEach(async () => {
    world = await setUpWorld();
    // The server makes them, with their rights, and keeps what it was told.
    for (const folder of [world.home, world.place]) await mkdir(folder, { recursive: true, mode: 0o700 });
  });
  afterEach(() => world.remove());

  async function everyDisk(
    words: readonly string[],
    { next, ends }: { readonly next: readonly string[]; readonly ends: readonly string[] },
  ): Promise<void> {
    const keep = async () => (isThorough ? world.keep() : async () => {});
    const moments: Moment[] = [{ from: 0, tasks: world.tasks(), again: await keep() }];
    const recording = await recorded(
      world.folder,
      (soFar) =>
        world.done(words, {
          wrap: (server) => ({
            ...server,
            async change(changes) {
              const reports = [];
              for (const change of changes) {
                reports.push(...(await server.change([change])));
                moments.push({ from: soFar(), tasks: world.tasks(), again: await keep() });
              }
              return reports;
            },
          }),
        }),
      parts,
    );
    let disks = 0;
    for (const [at, { from, tasks, again }] of moments.entries()) {
      const until = moments[at + 1]?.from ?? recording.calls;
      const cuts = isThorough
        ? recording.cuts(from, until)
        : [...recording.cuts(from, from), ...recording.cuts(until, until)];
      for (const { calls, survivor, restore } of cuts) {
        disks += 1;
        const when = `${words.join(' ')}, after ${at} changes and call ${calls} of ${recording.calls}, where ${survivor} survived`;
        const disk = join(world.folder, '..', `disk-${disks}`);
        await mkdir(disk);
        restore(disk);
        const home = join(disk, 'certrebind');
        const found = await mechanisms(tasks, (command) => command.replace(world.folder, disk));
        const isOver = at === moments.length - 1 && calls === recording.calls;
        if (isOver) assert.deepEqual(found, ends, when);
        assert.notDeepEqual(found, [], `${when}: no mechanism is left`);
        await expectRemembered(tasks, home, when);
        const { unfinished } = await standingFiles(home).readSetup();
        if (isOver) assert.equal(unfinished, null, when);
        // Neither is damaged.
        await programFiles(join(disk, 'Program Files', 'CertRebind')).readInstalled();
        if (isThorough) {
          await again();
          for (const part of parts) await rm(join(world.folder, part), { recursive: true, force: true });
          restore(world.folder);
          // Of another boot.
          for (const lock of ['installation.lock', 'lock']) await rm(join(world.home, lock), { force: true });
          const then = `${when}, then ${next.join(' ')}`;
          await world.done(next).catch((error: unknown) => assert.fail(`${then}: ${error}`));
          await expectRemembered(world.tasks(), world.home, then);
          assert.deepEqual(await mechanisms(world.tasks()), ends, then);
          await world.expectWhole(next[0] !== 'uninstall', then);
        }
        await rm(disk, { recursive: true });
      }
    }
    console.log(`    ${disks} disks that ${words.join(' ')} may leave`);
    assert.ok(disks > 10, `only ${disks} disks`);
  }

  it('enable --replace-native always leaves a mechanism', async () => {
    await everyDisk(enabling, { next: enabling, ends: ours(1) });
  });

  it('install of a new version always leaves a mechanism', async () => {
    await world.done(enabling);
    await world.download(2);
    await everyDisk(['install'], { next: ['install'], ends: ours(2) });
  });

  it('uninstall always leaves a mechanism where IIS Manager had one', async () => {
    await world.done(enabling);
    await everyDisk(['uninstall'], { next: ['uninstall'], ends: [nativeName] });
  });
});
