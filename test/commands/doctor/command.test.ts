import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { rebindTaskName, taskFolder } from '../../../src/documents/scheduled-tasks.ts';
import { openLab } from '../../../src/lab/host/channel.ts';
import type { LabRequest } from '../../../src/lab/kernel/requests.ts';
import { jsonHere } from '../../cli/run-here.ts';
import { openWorld, servers, type World } from '../../stories/lab-world.ts';
import { nativeTask } from '../../stories/native-task.ts';
import { itQuickly } from '../../support/slow.ts';

// The command itself: documents, exit codes, and the repairs that are no plan. What it finds is told in test/engine/findings.

for (const { kind, words } of servers)
  describe(`certrebind doctor and usage (${kind})`, () => {
    let world: World;
    before(async () => {
      world = await openWorld(words);
    });
    after(() => world.close());

    const codes = async () => {
      const { exitCode, document } = await world.json(['doctor']);
      assert.equal(document.schema, 'certrebind/doctor/1');
      return { exitCode, codes: document.findings.map(({ code }: { code: string }) => code) };
    };

    it('finds nothing but information on a new lab with certificate rebind enabled, and exits with 0', async () => {
      assert.deepEqual((await codes()).exitCode, 9);
      const fixed = await world.json(['doctor', '--fix', 'task-missing']);
      assert.equal(fixed.exitCode, 0);
      assert.equal(fixed.document.enabled, true);
      assert.deepEqual(await codes(), { exitCode: 0, codes: ['shadowed-names', 'shadowed-names'] });
    });

    const own = { path: taskFolder, name: rebindTaskName };
    const disturbances: Readonly<Record<string, (xml: string) => LabRequest>> = {
      'task-disabled': () => ({ kind: 'set-task-enabled', ...own, enabled: false }),
      'task-changed': (xml) => ({
        kind: 'register-task',
        ...own,
        xml: xml.replace('<Command>', '<Command>C:\\Users\\Public\\'),
        force: true,
      }),
      'log-disabled': () => ({ kind: 'enable-log', enabled: false }),
    };
    for (const [code, disturbance] of Object.entries(disturbances)) {
      // The Windows side changes a task by one command, and a log by another.
      const itRepairs = code === 'task-disabled' ? itQuickly : it;
      itRepairs(`repairs ${code}, and only says so with --dry-run`, async () => {
        const { tasks } = await world.snapshot();
        await disturb(world, disturbance(tasks.find(({ name }: { name: string }) => name === own.name).xml));
        assert.ok((await codes()).codes.includes(code));
        assert.equal((await world.json(['doctor', '--fix', code, '--dry-run'])).exitCode, 0);
        assert.ok((await codes()).codes.includes(code));
        assert.equal((await world.json(['doctor', '--fix', code])).exitCode, 0);
        assert.ok(!(await codes()).codes.includes(code));
      });
    }

    itQuickly('does not register a task beside the active one of IIS Manager', async () => {
      await world.json(['disable']);
      await nativeTask(world.folder, { name: 'IIS-AutoCertRebind', enabled: true });
      const { exitCode, document } = await world.json(['doctor', '--fix', 'task-missing']);
      assert.equal(exitCode, 3);
      assert.equal(document.error.code, 'native-active');
      await nativeTask(world.folder, { name: 'IIS-AutoCertRebind', enabled: false });
    });

    it('removes an orphaned record by a run, which undo puts back', async () => {
      const [certificate] = world.certificates;
      const orphan = `hostnameport=gone.example.com:443 certhash=${certificate?.thumbprint} appid={4dc3e181-e14b-4a21-b022-59fc669b0914}`;
      // Its certificate does not cover the host, so that nobody can lose by it.
      await world.lab(['netsh', `http add sslcert ${orphan}`]);
      const preview = await world.json(['doctor', '--fix', 'orphaned-record', '--dry-run']);
      assert.equal(preview.document.dryRun, true);
      assert.ok((await world.records()).has('gone.example.com:443'));
      const fixed = await world.json(['doctor', '--fix', 'orphaned-record']);
      assert.equal(fixed.document.schema, 'certrebind/outcome/1');
      assert.equal(fixed.exitCode, 0);
      assert.ok(!(await world.records()).has('gone.example.com:443'));
      assert.equal((await world.json(['undo'])).exitCode, 0);
      assert.ok((await world.records()).has('gone.example.com:443'));
    });

    itQuickly('finds the task of a trigger that is gone, and names the command that takes it away', async () => {
      await world.json(['trigger', 'add', 'mail', '--on', 'deleted', '--', '/bin/true']);
      assert.ok(!(await codes()).codes.includes('orphaned-trigger'));
      await rm(join(world.folder, 'certrebind', 'triggers', 'mail.json'));
      for (const command of ['doctor', 'status']) {
        const { document } = await world.json([command]);
        const found = document.findings.find(({ code }: { code: string }) => code === 'orphaned-trigger');
        assert.deepEqual(found?.commands, ['certrebind trigger remove mail'], command);
      }
      assert.equal((await world.json(['trigger', 'remove', 'mail'])).exitCode, 0);
      assert.ok(!(await codes()).codes.includes('orphaned-trigger'));
    });

    // What follows asks no server anything that was not asked above.
    if (kind !== 'lab') return;

    for (const [line, code, hint] of [
      [['--fix', 'certificate-expired'], 'no-repair', /Renew it/],
      [['--fix', 'renewal-pending'], 'no-repair', /Apply the renewal/],
      [['--fix', 'orphaned-records'], 'no-such-finding', /certrebind doctor/],
      [['--days', 'soon'], 'usage', /./],
      [['--days', '9999'], 'usage', /./],
    ] as const) {
      it(`refuses ${line.join(' ')} with ${code}, exit 2`, async () => {
        const { exitCode, document } = await world.json(['doctor', ...line]);
        assert.equal(exitCode, 2);
        assert.equal(document.error.code, code);
        assert.match(document.error.hint, hint);
      });
    }

    it('asks with --days for certificates that end later, too', async () => {
      const { document } = await world.json(['doctor', '--days', '3650']);
      assert.ok(document.findings.some(({ code }: { code: string }) => code === 'certificate-ends-soon'));
    });

    it('compares what can be compared in a capture, says that no wire was seen, and repairs nothing there', async () => {
      const file = `${world.folder}-capture.json`;
      await world.json(['capture', file]);
      const replayed = await jsonHere(['doctor', '--replay', file]);
      assert.ok(replayed.document.findings.some(({ code }: { code: string }) => code === 'wire-not-seen'));
      const refused = await jsonHere(['doctor', '--fix', 'log-disabled', '--replay', file]);
      assert.equal(refused.document.error.code, 'read-only-server');
    });

    it('says with usage of a certificate that is nowhere just that, and counts nothing', async () => {
      const { exitCode, stdout } = await world.certrebind(['usage', 'AB'.repeat(20)]);
      assert.equal(exitCode, 0);
      assert.match(stdout, /^No store on this server has this certificate, and nothing that was read uses it\.\n/);
      assert.doesNotMatch(stdout, /0 certificates/);
      assert.match(stdout, /Not looked at/);
    });
  });

async function disturb({ folder }: World, request: LabRequest): Promise<void> {
  const lab = await openLab(folder);
  try {
    const { result } = await lab.send(request);
    assert.equal(result.kind, 'done');
  } finally {
    await lab.close();
  }
}
