import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ofAll } from '../support/of-each.ts';
import { itQuickly } from '../support/slow.ts';
import { tellLab } from '../support/tell-lab.ts';
import { openWorld, servers } from './lab-world.ts';

for (const { kind, words } of servers)
  describe(`retiring what was replaced, on the ${kind} server`, () => {
    const world = ofAll(() => openWorld(words));
    let old: string;
    before(async () => {
      // The one that only bindings use: nothing else of the lab holds it back.
      old = world.certificates.find(({ names }) => names.includes('api.example.org'))?.thumbprint ?? '';
      await world.lab(['renew', old, '--keep-old']);
      assert.equal((await world.json(['reconcile'])).document.result, 'rebound');
    });

    const isArchived = async () =>
      (await world.snapshot()).certificates.find((one: { thumbprint: string }) => one.thumbprint === old).archived;

    itQuickly('shows what would go, and changes nothing', async () => {
      const { exitCode, document } = await world.json(['retire', '--after', '0', '--dry-run']);
      assert.equal(exitCode, 0);
      assert.deepEqual(
        document.cases.map((one: { becomes: string }) => one.becomes),
        ['archived'],
      );
      assert.equal(await isArchived(), false);
    });

    it('archives it, once', async () => {
      const { exitCode, document } = await world.json(['retire', '--after', '0', '--yes']);
      assert.deepEqual([exitCode, document.cases[0].becomes], [0, 'archived']);
      assert.equal(await isArchived(), true);
      assert.deepEqual((await world.json(['retire', '--after', '0', '--yes'])).document.cases, []);
    });

    it('undo shows it again before it sets it', async () => {
      await world.lab(['switch', 'archived-certificate', 'cannot-be-bound']);
      const { exitCode, document } = await world.json(['undo', '--yes']);
      assert.deepEqual([exitCode, document.result], [0, 'undone']);
      assert.equal(await isArchived(), false);
      const next = await world.json(['retire', '--after', '0', '--dry-run']);
      assert.deepEqual([next.exitCode, next.document.cases.map(({ why }: { why: string }) => why)], [0, ['in-use']]);
    });

    it('is what the hourly task does, where the configuration says so', async () => {
      await world.json(['rebind', '--old', old, '--new', 'auto', '--yes']);
      await world.json(['reconcile']);
      assert.equal(await isArchived(), false);
      await world.onLab(['config', 'set', 'retire.after', '0']);
      await world.json(['reconcile']);
      assert.equal(await isArchived(), true);
    });

    it('is deleted with its key by a person alone, whom status asks, and undo says that this is final', async () => {
      await world.onLab(['config', 'set', 'retire.after', '0']);
      await world.json(['reconcile']);
      assert.equal(await isArchived(), true);
      const { findings } = (await world.json(['status'])).document;
      const [asked] = findings.filter(({ code }: { code: string }) => code === 'retired-deletable');
      assert.deepEqual(
        [asked.severity, asked.message, asked.commands[0]],
        ['info', '1 replaced certificate could be deleted.', 'certrebind retire --delete'],
      );
      const where = join(world.folder, 'SystemDrive/inetpub/sites/4/deploy.env');
      await writeFile(where, `THUMBPRINT=${old}`);
      const { cases, written } = (await world.json(['retire', '--delete', '--dry-run'])).document;
      const replacedBy = cases[0].successor;
      const told = { kind: 'file', where, line: 1, thumbprint: old, program: null, replacedBy };
      assert.deepEqual(written.found, [told]);
      const { stdout } = await world.certrebind(['retire', '--delete', '--dry-run']);
      assert.match(stdout, /\n\nWritten elsewhere\n.*\n.*deploy\.env, line 1: /);
      for (const other of [['--delete', '--dry-run', '--no-search'], ['--dry-run']])
        assert.equal((await world.json(['retire', ...other])).document.written, undefined);
      const { document: deleted } = await world.json(['retire', '--delete', '--yes']);
      assert.deepEqual([deleted.cases[0].becomes, deleted.written.found.length], ['deleted', 1]);
      const { certificates } = await world.snapshot();
      assert.ok(!certificates.some(({ thumbprint }: { thumbprint: string }) => thumbprint === old));
      const { exitCode, document } = await world.json(['undo', '--yes']);
      assert.equal(exitCode, 3);
      assert.match(document.blocked[0].obstacles[0].text, /was deleted by certrebind retire at .*, which is final/);
      assert.deepEqual((await world.json(['retire', '--delete', '--after', '0', '--yes'])).document.cases, []);
    });

    const leftKeys = async () =>
      (await world.json(['doctor'])).document.findings.filter(
        ({ code }: { code: string }) => code === 'key-left-behind',
      );

    it('leaves no private key', async () => assert.deepEqual(await leftKeys(), []));

    // Only there keys are files in the folders of Windows.
    if (kind === 'windows')
      it('names the private key of one that its client has deleted without it, until the file is gone', async () => {
        const other = world.certificates.find(({ names }) => names.includes('shop.example.com'))?.thumbprint ?? '';
        const { new: successor } = await world.lab(['renew', other]);
        await world.json(['reconcile']);
        await tellLab(world.folder, { kind: 'remove-certificate', thumbprint: other, store: 'My' });
        const [left, ...more] = await leftKeys();
        assert.deepEqual([left.severity, left.certificate, left.renewal.old, more], ['info', successor, other, []]);
        const file = /still in (.*)\. No certificate/.exec(left.message)?.[1] ?? '';
        assert.equal(basename(file), other);
        await rm(file);
        assert.deepEqual(await leftKeys(), []);
      });

    itQuickly('does nothing on a day to which the clock jumped, and status says so', async () => {
      const looked = { schema: 'certrebind/looked/1', day: '2020-01-01', days: 9, jumpedFrom: null, since: {} };
      const file = join(world.folder, 'certrebind', 'looked.json');
      await writeFile(file, JSON.stringify(looked));
      const { exitCode, document } = await world.json(['retire', '--after', '0', '--delete', '--yes']);
      assert.equal(exitCode, 3);
      assert.match(document.refused, /the date went from 2020-01-01 to /);
      const { findings } = (await world.json(['status'])).document;
      const [jump] = findings.filter(({ code }: { code: string }) => code === 'clock-jumped');
      assert.equal(jump?.severity, 'info');
      await rm(file);
    });

    itQuickly('refuses a time that is none', async () => {
      assert.equal((await world.json(['retire', '--after', 'soon'])).exitCode, 2);
    });
  });
