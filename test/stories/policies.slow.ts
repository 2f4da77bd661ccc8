import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
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

  it('install puts the script there that application control has to allow, and goes on once it is allowed', async () => {
    const install = async () => {
      const env = { CERTREBIND_LAB_ACCOUNT: 'administrator' };
      const { exitCode, stdout } = await world.certrebind(['install', '--no-proof', '--json'], { env });
      return { exitCode, document: JSON.parse(stdout) };
    };
    await world.lab(['switch', 'script-control', 'allows-nothing']);
    const folder = join(world.folder, 'Program Files', 'CertRebind');
    for (const time of ['first', 'second']) {
      const { exitCode, document } = await install();
      assert.deepEqual([exitCode, document.error.code], [7, 'script-control'], time);
      const file = document.error.where;
      assert.deepEqual(filesBelow(folder), [relative(folder, file), 'installed.json'], time);
      const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
      assert.ok(document.error.message.includes(`${file} (SHA-256 ${sha256})`), document.error.message);
      assert.match(document.error.hint, /then run certrebind install again/);
    }
    await world.lab(['switch', 'script-control', 'allows-adapter']);
    const { exitCode, document } = await install();
    assert.equal(exitCode, 0, JSON.stringify(document));
  });

  it('install leaves a folder alone that nobody knows, under application control', async () => {
    await world.lab(['switch', 'script-control', 'allows-nothing']);
    const folder = join(world.folder, 'Program Files', 'CertRebind');
    mkdirSync(folder, { recursive: true });
    const { exitCode, document } = await world.json(['install', '--no-proof']);
    assert.deepEqual([exitCode, document.error.code], [7, 'script-control']);
    assert.deepEqual(filesBelow(folder), []);
    assert.doesNotMatch(document.error.message, /SHA-256/);
  });

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
    assert.match(finding.hint, /^If the policy is AllSigned, sign the script /);
  });
});

function filesBelow(folder: string): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => statSync(join(folder, name)).isFile()).sort();
}
