import assert from 'node:assert/strict';
import { rebindTaskName } from '../../src/model/rebind-tasks.ts';
import { openLab } from '../../src/server/lab/host/channel.ts';
import { openWorld, serverKinds, type World } from './lab-world.ts';
import { nativeTask } from './native-task.ts';

const name = 'IIS-AutoCertRebind';

for (const { kind, words } of serverKinds)
  describe(`an installation is proven before it takes over (${kind})`, () => {
    let world: World;
    beforeEach(async () => {
      world = await openWorld(words);
      await nativeTask(world.folder, { name, enabled: true });
    });
    afterEach(() => world.close());

    async function tasks(): Promise<Readonly<Record<string, boolean>>> {
      const channel = await openLab(world.folder);
      try {
        const { result } = await channel.send({ kind: 'read' });
        assert.ok(result.kind === 'state');
        return Object.fromEntries(result.state.tasks.map((task) => [task.name, task.enabled]));
      } finally {
        await channel.close();
      }
    }

    for (const starts of ['at-once', 'late'])
      it(`where Task Scheduler starts ${starts}: proven as SYSTEM, then the native task is disabled`, async () => {
        await world.lab(['switch', 'task-starts', starts]);
        const { exitCode, document } = await world.json(['enable', '--replace-native']);
        assert.equal(exitCode, 0, JSON.stringify(document));
        assert.ok(Date.now() - Date.parse(document.proof.at) < 600_000);
        assert.deepEqual(document.findings, []);
        assert.deepEqual(await tasks(), { [name]: false, [rebindTaskName]: true, 'CertRebind-Reconcile': true });
      });

    for (const [starts, why] of [
      ['never', /it has never run/],
      ['queued', /it is queued/],
    ] as const)
      it(`where Task Scheduler starts nothing (${starts}): exit 7, the cause, and the server as before`, async () => {
        await world.lab(['switch', 'task-starts', starts]);
        const { exitCode, document } = await world.json(['enable', '--replace-native']);
        assert.deepEqual([exitCode, document.error.code], [7, 'not-proven']);
        assert.match(document.error.message, why);
        assert.deepEqual(await tasks(), { [name]: true });
      });

    if (kind === 'windows')
      for (const [control, position] of [
        ['script-control', 'allows-nothing'],
        ['powershell-starts', 'no'],
      ] as const)
        it(`where ${control} is ${position}: exit 7, and the server as before`, async () => {
          await world.lab(['switch', control, position]);
          const { exitCode, document } = await world.json(['enable', '--replace-native']);
          assert.equal(exitCode, 7, JSON.stringify(document));
          assert.ok(['script-control', 'engine-refused'].includes(document.error.code), document.error.code);
          assert.deepEqual(await tasks(), { [name]: true });
        });

    it('a renewal that is pending is not swapped by the proof, and is swapped afterwards', async () => {
      const old = world.certificates[0]?.thumbprint ?? '';
      await world.lab(['renew', old]);
      const before = await world.records();
      const { exitCode, document } = await world.json(['enable', '--replace-native']);
      assert.equal(exitCode, 0, JSON.stringify(document));
      assert.deepEqual(await world.records(), before);
      assert.deepEqual((await world.json(['history'])).document.runs, [], 'the proof was a run');
      assert.equal((await world.json(['reconcile'])).exitCode, 0);
      assert.ok(![...(await world.records()).entries()].some(([key, held]) => held === old && key !== '0.0.0.0:10443'));
    });
  });
