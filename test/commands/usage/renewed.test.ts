import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Renewed } from '../../../src/documents/renewed.ts';
import { jsonHere, runHere } from '../../cli/run-here.ts';
import { openWorld, servers, type World } from '../../stories/lab-world.ts';
import { each } from '../../support/each.ts';

// The command itself: exit codes, what narrows it, captures. What it says of a place is in test/engine/views/renewed.test.ts.

for (const { kind, words } of servers)
  describe(`certrebind usage --renewed (${kind})`, () => {
    let world: World;
    let old: string;
    let successor: string;
    before(async () => {
      world = await openWorld(words);
      old = world.certificates[0]?.thumbprint ?? '';
    });
    after(() => world.close());

    const renewed = async (more: readonly string[] = []) => {
      const { exitCode, document } = await world.json(['usage', '--renewed', ...more]);
      return { exitCode, ...(document as Renewed) };
    };
    const movers = ({ certificates }: Pick<Renewed, 'certificates'>) => [
      ...new Set(certificates[0]?.places.map(({ is, by }) => `${is} ${by}`)),
    ];

    it('says what the next renewal would reach as long as there is none, and exits with 0', async () => {
      const { exitCode, certificates } = await renewed();
      assert.deepEqual([exitCode, certificates.map(({ counts }) => counts.next)], [0, [2, 10]]);
      const { stdout } = await world.certrebind(['usage', '--renewed', 'shop.example.com']);
      assert.match(stdout, /^No renewal is known: shop\.example\.com, .*\swould\schange: 10 when you type its line\./s);
    });

    it('exits with 9 as soon as a renewed one is not in use, and says what to type', async () => {
      successor = (await world.lab(['renew', old, '--wait'])).new;
      const found = await renewed();
      assert.deepEqual([found.exitCode, found.isUsed, movers(found)], [9, false, ['old command']]);
      assert.equal(found.certificates[0]?.thumbprint, successor);
      const { stdout } = await world.certrebind(['usage', '--renewed']);
      assert.match(
        stdout,
        /^0 places use the new certificate, 10 still use the old one, 1 not looked at:\sshop\.example\.com/,
      );
      assert.match(stdout, /^ {6}certrebind reconcile$/m);
    });

    it('is narrowed by either of the two, and by a name', async () => {
      for (const word of [old.slice(0, 8), successor, 'shop.example.com'])
        assert.deepEqual(each((await renewed([word])).certificates, 'thumbprint'), [successor]);
      assert.deepEqual((await renewed(['api.example.org'])).exitCode, 0);
    });

    it('says the same of a capture', async () => {
      const file = join(world.folder, 'capture.json');
      await world.certrebind(['capture', file]);
      const { exitCode, document } = await jsonHere(['usage', '--renewed', '--replay', file]);
      const { certificates } = await renewed();
      assert.deepEqual([exitCode, document.certificates], [9, certificates]);
    });

    it('names the hourly run where CertRebind is enabled', async () => {
      await world.json(['enable']);
      const found = await renewed();
      assert.deepEqual(movers(found).sort(), ['old command', 'old itself']);
      const at = found.certificates[0]?.places.find(({ by }) => by === 'itself')?.at ?? '';
      const wait = Date.parse(at) - Date.now();
      assert.ok(wait > -60_000 && wait <= 3600_000, at);
    });

    it('exits with 0 when what it says was typed', async () => {
      const typed = (await renewed()).certificates[0]?.places.flatMap(({ commands }) => commands) ?? [];
      assert.equal(typed.length, 2);
      for (const line of typed)
        assert.equal((await world.certrebind([...line.split(' ').slice(1), '--yes'])).exitCode, 0);
      const { exitCode, isUsed, certificates } = await renewed();
      assert.deepEqual([exitCode, isUsed, certificates[0]?.counts.new], [0, true, 10]);
    });

    it('counts what a person took back as kept', async () => {
      assert.equal((await world.certrebind(['undo', '--yes'])).exitCode, 0);
      const { exitCode, certificates } = await renewed();
      assert.deepEqual([exitCode, certificates[0]?.counts.kept, certificates[0]?.counts.old], [0, 10, 0]);
      assert.match(
        (await runHere(['usage', '--renewed', '--lab', world.folder])).stdout,
        /These keep the old certificate/,
      );
    });
  });
