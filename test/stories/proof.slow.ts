import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rebindTaskName } from '../../src/documents/scheduled-tasks.ts';
import { openLab } from '../../src/lab/host/channel.ts';
import { run } from '../cli/run-program.ts';
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
  const channel = await openLab(folder);
  try {
    const { result } = await channel.send({ kind: 'read' });
    assert.ok(result.kind === 'state');
    return Object.fromEntries(result.state.tasks.map((task) => [task.name, task.enabled]));
  } finally {
    await channel.close();
  }
}

/** What `enable --replace-native` came to where one switch of the lab stands so, and the tasks afterwards. */
async function enabledUnder(words: ServerKind['words'], name: string, position: string) {
  const world = await worldWithNative(words);
  try {
    await world.lab(['switch', name, position]);
    const { exitCode, document } = await world.json(['enable', '--replace-native']);
    return { exitCode, document, tasks: await tasksIn(world) };
  } finally {
    await world.close();
  }
}

describe('a proof that fails', () => {
  it('starts the trigger that is for it, once the lock is let go, and is an entry of the Application log', async () => {
    const world = await openWorld((folder) => ['--lab', folder]);
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
      const channel = await openLab(world.folder);
      const { result } = await channel.send({ kind: 'read' }).finally(() => channel.close());
      assert.ok(result.kind === 'state');
      const { entries } = result.state.applicationLog;
      assert.deepEqual(
        entries.filter(({ eventId }) => eventId === 160).map(({ level }) => level),
        ['error'],
      );
    } finally {
      await world.close();
    }
  });
});

describe('an installation is verified before it takes over', () => {
  const starting: readonly (readonly [string, RegExp])[] = [
    ['never', /it has never run/],
    ['queued', /it is queued/],
  ];
  /** Each waits ten seconds for a start that does not come, so they do it beside everything else. */
  const waits = new Map<string, ReturnType<typeof enabledUnder>>();
  before(() => {
    for (const { kind, words } of serverKinds)
      for (const [starts] of starting) {
        const wait = enabledUnder(words, 'task-starts', starts);
        wait.catch(() => {});
        waits.set(`${kind} ${starts}`, wait);
      }
  });
  after(() => Promise.allSettled(waits.values()));

  for (const { kind, words } of serverKinds)
    describe(kind, () => {
      let world: World;
      beforeEach(async () => {
        world = await worldWithNative(words);
      });
      afterEach(() => world.close());

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
  for (const { kind, words } of serverKinds)
    it(`where the service of Task Scheduler is stopped (${kind}): exit 7, the service named, and the server as before`, async () => {
      const world = await worldWithNative(words);
      try {
        await world.lab(['switch', 'schedule-service', 'stopped']);
        const { exitCode, document } = await world.json(['enable', '--replace-native']);
        assert.deepEqual([exitCode, document.error.code], [7, 'no-task-scheduler']);
        assert.match(document.error.message, /\(Schedule\) is stopped/);
        assert.equal(document.error.hint, 'Start-Service Schedule');
        const { document: found } = await world.json(['doctor']);
        assert.ok(found.findings.some(({ code }: { code: string }) => code === 'scheduler-stopped'));
        await world.lab(['switch', 'schedule-service', 'runs']);
        assert.deepEqual(await tasksIn(world), { [name]: true });
      } finally {
        await world.close();
      }
    });

  if (windows !== undefined) {
    for (const [control, position] of [
      ['script-control', 'allows-nothing'],
      ['powershell-starts', 'no'],
    ] as const)
      it(`where ${control} is ${position} (windows): exit 7, and the server as before`, async () => {
        const { exitCode, document, tasks } = await enabledUnder(windows.words, control, position);
        assert.equal(exitCode, 7, JSON.stringify(document));
        assert.ok(['script-control', 'engine-refused'].includes(document.error.code), document.error.code);
        assert.deepEqual(tasks, { [name]: true });
      });

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
        assert.deepEqual(
          document.findings.map(({ code }: { code: string }) => code),
          ['policy-bypassed'],
        );
        assert.deepEqual(await tasksIn(world), inForce);
      } finally {
        await world.close();
      }
    });
  }

  // Last, when they have waited long enough.
  describe('is not verified', () => {
    for (const { kind } of serverKinds)
      for (const [starts, why] of starting)
        it(`where Task Scheduler starts nothing (${kind}, ${starts}): exit 7, the cause, and the server as before`, async () => {
          const ended = await waits.get(`${kind} ${starts}`);
          assert.deepEqual([ended?.exitCode, ended?.document.error.code], [7, 'proof-failed']);
          assert.match(ended?.document.error.message, why);
          assert.deepEqual(ended?.tasks, { [name]: true });
        });
  });
});
