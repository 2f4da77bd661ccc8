import assert from 'node:assert/strict';
import { each } from '../support/each.ts';
import { ofEach } from '../support/of-each.ts';
import { itQuickly } from '../support/slow.ts';
import { eventually } from './eventually.ts';
import { openWorld, servers } from './lab-world.ts';
import { nativeTask } from './native-task.ts';

for (const { kind, words } of servers)
  describe(`a renewed certificate is rebound (${kind})`, () => {
    const world = ofEach(() => openWorld(words));
    let old: string;
    beforeEach(() => {
      old = world.certificates[0]?.thumbprint ?? '';
    });

    it('from the event on: exactly the records of IIS that held the old certificate hold and serve the new one', async () => {
      assert.equal((await world.certrebind(['enable'])).exitCode, 0);
      const before = await world.records();
      const renewed = await world.lab(['renew', old]);
      const run = await eventually(async () => (await world.json(['history'])).document.runs[0]);
      assert.equal(run.result, 'rebound');

      const after = await world.records();
      assert.deepEqual([...after.keys()].sort(), [...before.keys()].sort());
      const unchanged = new Set<string>();
      for (const [key, thumbprint] of before) {
        const changed = after.get(key) !== thumbprint;
        if (changed) assert.equal(thumbprint, old, key);
        if (changed) assert.equal(after.get(key), renewed.new, key);
        else unchanged.add(key);
      }
      // The record of another product, which no IIS binding stands on.
      assert.deepEqual(
        [...unchanged].filter((key) => before.get(key) === old),
        ['0.0.0.0:10443'],
      );
      assert.equal(run.counts.changed, before.size - unchanged.size);

      const { exitCode, document } = await world.json(['verify']);
      // The record of another program still has the old one.
      const troubled = document.endpoints.filter(({ trouble }: { trouble?: true }) => trouble === true);
      assert.deepEqual([exitCode, troubled.map(({ key }: { key: string }) => key)], [9, ['0.0.0.0:10443']]);
      const serving = document.endpoints.filter(({ thumbprint }: { thumbprint: string }) => thumbprint === renewed.new);
      assert.ok(serving.length >= 6, `${serving.length} endpoints serve the new certificate`);

      const one = await world.json(['history', run.run]);
      assert.equal(one.document.schema, 'certrebind/outcome/1');
      assert.equal(one.document.renewals[0].eventRecordId, renewed.eventRecordId);
    });

    it('as the plan said before, and undo brings the old one back on the wire', async () => {
      const renewed = await world.lab(['renew', old]);
      const { document: plan } = await world.json(['plan']);
      const outcome = await world.json(['rebind', '--old', old, '--new', renewed.new]);
      assert.equal(outcome.exitCode, 0);
      assert.deepEqual(
        outcome.document.steps.map(({ key }: { key: string }) => key),
        plan.steps.map(({ before }: { before: { key: string } }) => before.key),
      );

      const undone = await world.json(['undo']);
      assert.equal(undone.exitCode, 0);
      assert.equal(undone.document.result, 'undone');
      const { document: verified } = await world.json(['verify']);
      for (const { thumbprint } of verified.endpoints) assert.notEqual(thumbprint, renewed.new);
      const again = await world.json(['undo']);
      assert.equal(again.document.counts.changed, 0, 'undoing twice changes nothing');
      assert.equal((await world.json(['reconcile'])).document.counts.changed, 0, 'what a person undid stays undone');
    });

    itQuickly(
      'and an undo that could not rolled back one record is finished by the next; neither brings in the new one again',
      async () => {
        const before = await world.records();
        const renewed = await world.lab(['renew', old]);
        await world.json(['rebind', '--old', old, '--new', renewed.new]);
        const key = 'shop.example.com:443';
        await world.lab(['fault', 'binding-method', 'fail', '--key', key, '--times', 'all']);
        const partly = await world.json(['undo']);
        assert.deepEqual([partly.exitCode, partly.document.result], [4, 'partly-undone']);
        assert.deepEqual(await world.records(), new Map([...before, [key, renewed.new]]));

        await world.lab(['fault', '--clear']);
        const line = `certrebind undo ${partly.document.undoes}`;
        const open = { code: 'not-undone', commands: [line] };
        for (const view of [['status', '--check'], ['doctor'], ['usage', '--renewed']]) {
          const { exitCode, document } = await world.json(view);
          const { code, commands } = [...(document.open ?? document.findings)].find((one) => one.code === open.code);
          assert.deepEqual([exitCode, { code, commands }], [9, open], view.join(' '));
        }
        const rest = await world.json(['undo']);
        assert.deepEqual([rest.exitCode, rest.document.result, rest.document.counts.changed], [0, 'undone', 1]);
        assert.deepEqual(await world.records(), before);
        const { findings } = (await world.json(['status'])).document;
        assert.ok(findings.every((one: { code: string }) => one.code !== open.code));
      },
    );

    it('never with options lost: they are repaired or the record is rolled back', async () => {
      await world.lab(['switch', 'rebind-options', 'all-lost']);
      const before = await world.snapshot();
      const renewed = await world.lab(['renew', old]);
      const { exitCode, document } = await world.json(['rebind', '--old', old, '--new', renewed.new]);
      const after = await world.snapshot();
      for (const step of document.steps) {
        const was = before.holders.find(({ key }: { key: string }) => key === step.key).value;
        const is = after.holders.find(({ key }: { key: string }) => key === step.key).value;
        assert.deepEqual(is.options, was.options, step.key);
        assert.equal(is.appId, was.appId, step.key);
        if (step.state !== 'rolled-back') assert.equal(is.thumbprint, renewed.new);
        else assert.equal(is.thumbprint, old);
      }
      assert.ok(
        document.steps.some(
          ({ repairedOptions, state }: { repairedOptions: string[]; state: string }) =>
            repairedOptions.length > 0 || state === 'rolled-back',
        ),
        'the switch lost nothing, so this test proves nothing',
      );
      assert.ok(exitCode === 0 || exitCode === 4, `exit ${exitCode}`);
    });

    itQuickly('also without enable, and when the task has no number to give', async () => {
      const renewed = await world.lab(['renew', old]);
      const { exitCode } = await world.onEvent(['--record', '$(RecordId)']);
      assert.equal(exitCode, 0);
      assert.equal((await world.records()).get('0.0.0.0:443'), renewed.new);
    });
  });

for (const { kind, words } of servers)
  describe(`enable and disable (${kind})`, () => {
    const world = ofEach(() => openWorld(words));

    it('register and remove exactly their own tasks, however often they are run', async () => {
      await nativeTask(world.folder, { name: 'Unrelated', enabled: true });
      const tasks = async () => (await world.lab(['status'])).tasks.map(({ name }: { name: string }) => name).sort();
      const before = await tasks();
      for (let time = 0; time < 2; time++) assert.equal((await world.json(['enable'])).exitCode, 0);
      assert.deepEqual(await tasks(), ['CertRebind', 'CertRebind-Reconcile', ...before].sort());
      const enabled = await world.json(['status', '--check']);
      assert.equal(enabled.document.enabled, true);
      for (let time = 0; time < 2; time++) assert.equal((await world.json(['disable'])).exitCode, 0);
      assert.deepEqual(await tasks(), before);
    });

    itQuickly('say what is wrong: status --check exits 9 while the task is missing', async () => {
      const { exitCode, document } = await world.json(['status', '--check']);
      assert.equal(exitCode, 9);
      assert.equal(document.enabled, false);
      assert.deepEqual(each(document.findings, 'code'), ['task-missing']);
    });

    itQuickly('beside an active native task: blocked and named, until told what to do with it', async () => {
      await nativeTask(world.folder, { name: 'IIS-AutoCertRebind', enabled: true });
      const blocked = await world.json(['enable']);
      assert.deepEqual([blocked.exitCode, blocked.document.error.code], [3, 'native-active']);
      assert.match(blocked.document.error.message, /IIS-AutoCertRebind/);
      assert.equal((await world.json(['status'])).document.enabled, false);

      // Who has chosen to have both is not asked again, by enable or by the repair of a task.
      assert.equal((await world.json(['enable', '--alongside'])).exitCode, 0);
      assert.equal((await world.json(['enable'])).exitCode, 0);
      assert.equal((await world.json(['doctor', '--fix', 'task-missing'])).exitCode, 0);
    });
  });
