import assert from 'node:assert/strict';
import { findEngine } from '../engine.ts';
import { ofEach } from '../support/of-each.ts';
import { openWorld } from './lab-world.ts';
import { nativeTask } from './native-task.ts';

(findEngine() === null ? describe.skip : describe)('a server whose policies stand in the way of PowerShell', () => {
  const world = ofEach(() => openWorld((folder) => ['--server', 'windows', '--lab', folder]));

  /** The tasks that could rebind, as the lab has them. */
  async function tasks(): Promise<readonly string[]> {
    const { tasks: all } = await world.snapshot();
    return all.map(({ name, enabled }: { name: string; enabled: boolean }) => `${name} ${enabled}`);
  }

  const shut: readonly [name: string, position: string, code: string, message: RegExp][] = [
    ['script-control', 'allows-nothing', 'script-control', /constrained language/],
    ['powershell-starts', 'no', 'engine-refused', /Windows refused to start/],
  ];
  for (const [name, position, code, message] of shut) {
    it(`enable --replace-native ends with 7 and leaves everything as it was: ${name} ${position}`, async () => {
      await nativeTask(world.folder, { name: 'IIS-AutoCertRebind', enabled: true });
      await world.lab(['switch', name, position]);
      const { exitCode, document } = await world.json(['enable', '--replace-native']);
      assert.deepEqual([exitCode, document.error.code], [7, code]);
      assert.match(document.error.message, message);
      assert.deepEqual(await tasks(), ['IIS-AutoCertRebind true']);
    });
  }

  it('works where the execution policy takes no unsigned script, and says so', async () => {
    await world.lab(['switch', 'execution-policy', 'AllSigned']);
    const [old] = world.certificates;
    const { new: successor } = await world.lab(['renew', old?.thumbprint ?? '', '--no-event']);

    const first = await world.json(['reconcile']);
    assert.deepEqual([first.exitCode, first.document.result], [0, 'rebound']);
    const { engine } = first.document.cost;
    assert.deepEqual([engine.way, engine.because.cause], ['text', 'execution-policy']);
    assert.ok([...(await world.records()).values()].includes(successor));

    const { document: status } = await world.json(['status']);
    assert.equal(status.engine.way, 'text');
    assert.ok(status.engine.because.at > engine.because.at, 'each start tries the file');
    const doctor = await world.json(['doctor']);
    assert.equal(doctor.exitCode, 9);
    const [finding] = doctor.document.findings.filter(({ code }: { code: string }) => code === 'policy-bypassed');
    assert.match(finding.message, /not digitally signed/);
    assert.match(finding.hint, /Set-AuthenticodeSignature/);
  });
});
