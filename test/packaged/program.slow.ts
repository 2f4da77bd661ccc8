import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CapturedServer, captureServer, linuxBinary, version } from './artefacts.ts';
import { windowsExe } from './windows-artefacts.ts';
import { findWine, needWine, type Wine, zPath as z } from './wine.ts';

describe('the Windows executable under Wine', () => {
  let wine: Wine;
  let server: CapturedServer;
  before(async function () {
    this.timeout(180_000);
    wine = needWine(this, await findWine(), 'the Windows executable under Wine');
    server = captureServer();
  });
  after(() => {
    server?.remove();
    wine?.end();
  });

  const run = (...words: readonly string[]) => wine.run(windowsExe, words);

  it('says its version', () => {
    assert.deepEqual(run('--version'), { status: 0, stdout: `${version}\n`, stderr: '' });
  }).timeout(60_000);

  it('helps with examples and the exit codes, and knows no lab', () => {
    const { status, stdout } = run('--help');
    assert.equal(status, 0);
    assert.match(stdout, /Exit codes:/);
    assert.doesNotMatch(stdout, /\blab\b/);
  }).timeout(60_000);

  it('plans from a capture exactly as on Linux, Unicode path included', () => {
    const words = ['--old', server.old, '--new', server.new, '--json'];
    const here = spawnSync(linuxBinary, ['plan', '--replay', server.snapshot, ...words], { env: {}, encoding: 'utf8' });
    const there = run('plan', '--replay', z(server.snapshot), ...words);
    assert.equal(there.status, 0, there.stderr);
    assert.equal(there.stdout, here.stdout);
  }).timeout(60_000);

  it('writes a plan to a file with a Unicode name and reads it back', () => {
    const file = join(server.folder, 'Plan für 服务器 😀.json');
    const made = run(
      'plan',
      '--replay',
      z(server.snapshot),
      '--old',
      server.old,
      '--new',
      server.new,
      '--out',
      z(file),
    );
    assert.equal(made.status, 0, made.stderr);
    const plan: { schema: string } = JSON.parse(readFileSync(file, 'utf8'));
    assert.equal(plan.schema, 'certrebind/plan/1');
    const applied = run('apply', z(file), '--replay', z(server.snapshot), '--yes', '--json');
    assert.equal(applied.status, 7);
    assert.equal(JSON.parse(applied.stdout).error.code, 'read-only-server');
  }).timeout(60_000);

  it('checks a configuration: exit 0 for a good one, exit 2 naming the nearest key for a bad one', () => {
    const good = join(server.folder, 'good.json');
    const bad = join(server.folder, 'bad.json');
    writeFileSync(good, '{"schema":"certrebind/configuration/1","deadline":{"action":"alert","days":3}}');
    writeFileSync(bad, '{"schema":"certrebind/configuration/1","deadlines":{}}');
    assert.equal(run('config', 'check', z(good)).status, 0);
    const refused = run('config', 'check', z(bad));
    assert.equal(refused.status, 2);
    assert.match(refused.stderr, /deadline\b/);
  }).timeout(60_000);

  for (const [words, status] of [
    [['nonsense'], 2],
    [['rebind', '--old', 'xyz'], 2],
    [['on-event', '--record', '1', 'more'], 2],
    [['explain', 'names-lost'], 0],
  ] as const) {
    it(`exits ${status} for: ${words.join(' ')}`, () => {
      assert.equal(run(...words).status, status);
    }).timeout(60_000);
  }

  it('without a PowerShell that answers, says so and exits 7: Wine has only an empty one', () => {
    const { status, stdout } = run('status', '--json');
    assert.equal(status, 7);
    assert.match(JSON.parse(stdout).error.code, /^powershell-/);
  }).timeout(180_000);
});
