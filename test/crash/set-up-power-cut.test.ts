import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { proofTaskPrefix } from '../../src/documents/proof.ts';
import { persistentFiles } from '../../src/engine/state/persistent-files.ts';
import { programFiles } from '../../src/engine/state/program-files.ts';
import type { LabTask } from '../../src/lab/kernel/lab-state.ts';
import { ofEach } from '../support/of-each.ts';
import { recorded } from '../support/power-cut.ts';
import { isSlow } from '../support/slow.ts';
import type { StartingProofs } from '../support/starting-proofs.ts';
import { enabling, expectRemembered, mechanisms, nativeName, ours, setUpWorld } from './set-up-world.ts';

interface After {
  /** What is started then, and which mechanisms there are when it has ended. */
  readonly next: readonly string[];
  readonly ends: readonly string[];
  /** Which there are where nothing was cut off; the same when absent. */
  readonly over?: readonly string[];
}

/** Tasks between two changes of the server, which keeps what it was told. */
interface Moment {
  readonly from: number;
  readonly tasks: readonly LabTask[];
  /** Makes the server be like that again. */
  readonly again: () => Promise<void>;
}

/**
 * In `npm test` right before and after each change of the server; else after every call, and the next start goes on. A disk on which
 * everything survived is also what a process leaves that is killed.
 */
const isThorough = isSlow;
const parts = ['certrebind', 'Program Files'];

describe('when the power fails, or the process is killed, during enable, install and uninstall', () => {
  const world = ofEach(setUpWorld);
  beforeEach(async () => {
    // The server makes them, with their rights, and keeps what it was told.
    for (const folder of [world.home, world.place]) await mkdir(folder, { recursive: true, mode: 0o700 });
  });

  async function everyDisk(
    words: readonly string[],
    { next, ends, over = ends }: After,
    how: StartingProofs = {},
  ): Promise<void> {
    const keep = async () => (isThorough ? world.keep() : async () => {});
    const moments: Moment[] = [{ from: 0, tasks: world.tasks(), again: await keep() }];
    const recording = await recorded(
      world.folder,
      async (soFar) => {
        const { exitCode } = await world.call(words, {
          ...how,
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
        });
        assert.equal(exitCode === 0, over === ends, `${words.join(' ')} ended with ${exitCode}`);
      },
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
        if (isOver) assert.deepEqual(found, over, when);
        assert.notDeepEqual(found, [], `${when}: no mechanism is left`);
        await expectRemembered(tasks, home, when);
        const { unfinished } = await persistentFiles(home).readSetup();
        if (isOver && over === ends) assert.equal(unfinished, null, when);
        // Neither is damaged.
        await programFiles(join(disk, 'Program Files', 'CertRebind')).readInstalled();
        if (isThorough) {
          await again();
          for (const part of parts) await rm(join(world.folder, part), { recursive: true, force: true });
          restore(world.folder);
          // Of another boot.
          for (const lock of ['installation.lock', 'lock']) await rm(join(world.home, lock), { force: true });
          const then = `${when}, then ${next.join(' ')}`;
          await world.done(next, how).catch((error: unknown) => assert.fail(`${then}: ${error}`));
          await expectRemembered(world.tasks(), world.home, then);
          assert.deepEqual(await mechanisms(world.tasks()), ends, then);
          await world.expectWhole(next[0] !== 'uninstall', then);
          const proofs = world.tasks().filter(({ name }) => name.startsWith(proofTaskPrefix));
          assert.deepEqual(proofs, [], `${then}: the task of a proof is left`);
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

  it('disable --restore-native always leaves a mechanism where IIS Manager had one', async () => {
    await world.done(enabling);
    const disabling = ['disable', '--restore-native'];
    await everyDisk(disabling, { next: disabling, ends: [nativeName] });
  });

  it('an upgrade that cannot be verified always leaves a mechanism, and uninstall after it gives IIS Manager its own back', async () => {
    await world.done(enabling);
    await world.download(2);
    const after = { next: ['uninstall'], ends: [nativeName], over: ours(1) };
    await everyDisk(['enable'], after, { works: () => false });
  });
});
