import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rebindTaskName } from '../../src/documents/scheduled-tasks.ts';
import { run } from '../cli/run-program.ts';
import { each } from '../support/each.ts';
import { ofEach } from '../support/of-each.ts';
import { stateOfLab } from '../support/tell-lab.ts';
import { openWorld, type ServerKind, serverKinds, type World } from './lab-world.ts';
import { nativeTask } from './native-task.ts';

const name = 'IIS-AutoCertRebind';
const inForce = { [name]: false, [rebindTaskName]: true, 'CertRebind-Reconcile': true };

async function worldWithNative(words: ServerKind['words']): Promise<World> {
  const world = await openWorld(words);
  await nativeTask(world.folder, { name, enabled: true });
  return world;
}

async function tasksIn({ folder }: World): Promise<Readonly<Record<string, boolean>>> {
  const { tasks } = await stateOfLab(folder);
  return Object.fromEntries(tasks.map((task) => [task.name, task.enabled]));
}

describe('a proof that fails', () => {
  it('starts the trigger that is for it, once the lock is let go, and is an entry of the Application log', async () => {
    const world = await openWorld();
    const out = join(world.folder, '..', 'told');
    try {
      const hook = join(world.folder, '..', 'hook.sh');
      await writeFile(hook, '#!/bin/sh\nenv > "$1.new" && mv "$1.new" "$1"\n', { mode: 0o755 });
      const added = await run(['trigger', 'add', '--on', 'proof-failed', '--lab', world.folder, '--', hook, out]);
      assert.equal(added.exitCode, 0, added.stderr);
      await world.lab(['switch', 'task-starts', 'never']);
      const { exitCode, document } = await world.json(['enable']);
      assert.deepEqual([exitCode, document.error.code], [7, 'proof-failed']);
      assert.match(await readFile(out, 'utf8'), /^CERTREBIND_\w+=proof-failed$/m);
      const { entries } = (await stateOfLab(world.folder)).applicationLog;
      const told = entries.filter(({ eventId }) => eventId === 160);
      assert.deepEqual(each(told, 'level'), ['error']);
    } finally {
      await world.close();
    }
  });
});

describe('an installation is verified before it takes over', () => {
  for (const { kind, words } of serverKinds)
    describe(kind, () => {
      const world = ofEach(() => worldWithNative(words));

      // When the task starts is a matter of the scheduler, and that a proof is no run of what is proved: told on the lab.
      for (const starts of kind === 'windows' ? ['at-once'] : ['at-once', 'late'])
        it(`where Task Scheduler starts ${starts}: verified as SYSTEM, then the native task is disabled, and given back`, async () => {
          await world.lab(['switch', 'task-starts', starts]);
          const { exitCode, document } = await world.json(['enable', '--replace-native']);
          assert.equal(exitCode, 0, JSON.stringify(document));
          assert.ok(Date.now() - Date.parse(document.proof.at) < 600_000);
          assert.deepEqual(document.proof.engine, kind === 'windows' ? { way: 'file' } : null);
          assert.deepEqual(document.findings, []);
          assert.deepEqual(await tasksIn(world), inForce);
          assert.equal((await world.json(['disable', '--restore-native'])).exitCode, 0);
          assert.deepEqual(await tasksIn(world), { [name]: true });
        });

      if (kind === 'windows') return;

      it('a renewal that is pending is not swapped by the proof, and is swapped afterwards', async () => {
        const old = world.certificates[0]?.thumbprint ?? '';
        await world.lab(['renew', old]);
        const before = await world.records();
        const { exitCode, document } = await world.json(['enable', '--replace-native']);
        assert.equal(exitCode, 0, JSON.stringify(document));
        assert.deepEqual(await world.records(), before);
        assert.deepEqual((await world.json(['history'])).document.runs, [], 'the proof was a run');
        assert.equal((await world.json(['reconcile'])).exitCode, 0);
        assert.ok(
          ![...(await world.records()).entries()].some(([key, held]) => held === old && key !== '0.0.0.0:10443'),
        );
      });
    });

  const windows = serverKinds.find(({ kind }) => kind === 'windows');
  if (windows !== undefined) {
    it('where only signed scripts run (windows): the installed program is verified with its text, and that is said', async () => {
      const world = await worldWithNative(windows.words);
      try {
        assert.equal((await world.json(['install'])).exitCode, 0);
        await world.lab(['switch', 'execution-policy', 'AllSigned']);
        const place = join(world.folder, 'Program Files', 'CertRebind');
        const [version = ''] = (await readdir(place, { withFileTypes: true }))
          .filter((entry) => entry.isDirectory())
          .map((entry) => entry.name);
        const program = join(place, version, 'certrebind.cjs');
        const { exitCode, stdout } = await world.certrebind(['enable', '--replace-native', '--json'], { program });
        const document = JSON.parse(stdout);
        assert.equal(exitCode, 0, stdout);
        for (const { way, because } of [document.proof.engine, document.engine]) {
          assert.deepEqual([way, because.cause], ['text', 'execution-policy']);
          assert.match(because.said, /Program Files.*certrebind-adapter\.ps1 cannot be loaded/);
        }
        assert.deepEqual(each(document.findings, 'code'), ['policy-bypassed']);
        assert.deepEqual(await tasksIn(world), inForce);
      } finally {
        await world.close();
      }
    });
  }
});
