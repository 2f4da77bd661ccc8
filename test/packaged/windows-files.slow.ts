import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildSync } from 'esbuild';
import { windowsExe, windowsNode } from './windows-artefacts.ts';
import { findWine, needWine, type RunningOnWine, type Wine, zPath } from './wine.ts';

// Windows lets nobody replace a file that another has open, and forgets no name as long as somebody has it open. Wine
// keeps both rules, so the executable meets them here as on a server.

describe('locks and files of the Windows executable under Wine', function () {
  this.timeout(120_000);
  let wine: Wine;
  let folder: string;
  const others: RunningOnWine[] = [];
  before(async function () {
    this.timeout(180_000);
    wine = needWine(this, await findWine(), 'locks and files of the Windows executable');
    folder = mkdtempSync(join(tmpdir(), 'certrebind-files-'));
  });
  afterEach(async () => {
    for (const other of others.splice(0)) await other.kill();
  });
  after(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    wine?.end();
  });

  /** A second Windows process, once it has said that it holds what it should. */
  async function holding(script: string, ...args: readonly string[]): Promise<RunningOnWine> {
    const other = wine.start(windowsNode, [zPath(script), ...args]);
    others.push(other);
    while (!other.output().startsWith('held')) {
      assert.equal(other.hasEnded(), false, 'the other process holds nothing');
      await sleep(20);
    }
    return other;
  }

  describe('a file that is replaced', () => {
    const configuration = (days: number) =>
      `{"schema":"certrebind/configuration/1","deadline":{"action":"alert","days":${days}}}`;
    let file: string;
    let next: string;
    beforeEach(() => {
      const home = mkdtempSync(join(folder, 'home-'));
      file = join(home, 'config.json');
      next = join(folder, 'next.json');
      writeFileSync(file, configuration(1));
      writeFileSync(next, configuration(2));
    });
    const replace = () => wine.run(windowsExe, ['config', 'set', zPath(next), '--config', zPath(file), '--json']);
    const holder = join(import.meta.dirname, 'hold-file.cjs');

    it('is the new one, whole, once nobody has it open any more', async () => {
      await holding(holder, zPath(file), 'until-contended');
      const { status, stdout } = replace();
      assert.equal(status, 0, stdout);
      assert.equal(readFileSync(file, 'utf8'), configuration(2));
      assert.deepEqual(readdirSync(join(file, '..')), ['config.json']);
    });

    it('stays the old one, whole, with a typed error when another keeps it open', async () => {
      await holding(holder, zPath(file), 'forever');
      const { status, stdout } = replace();
      assert.deepEqual([status, JSON.parse(stdout).error.code], [2, 'not-writable'], stdout);
      for (const other of others.splice(0)) await other.kill();
      assert.equal(readFileSync(file, 'utf8'), configuration(1));
      assert.deepEqual(readdirSync(join(file, '..')), ['config.json'], 'nothing half written is left');
    });
  });

  it('a search for thumbprints passes over a file that another has open for itself, and says so', async () => {
    const site = mkdtempSync(join(wine.drive, 'site-'));
    const name = site.slice(wine.drive.length + 1);
    const thumbprint = 'A'.repeat(40);
    const [kept, read] = [join(site, 'kept.json'), join(site, 'read.json')];
    for (const file of [kept, read]) writeFileSync(file, `\ufeff\n${thumbprint}`, 'utf16le');
    await holding(join(import.meta.dirname, 'hold-file.cjs'), `C:\\${name}\\kept.json`, 'forever');
    const script = join(folder, 'search.mjs');
    const contents = `import { searchFiles } from './src/server/search-files.ts';
      console.log(JSON.stringify(await searchFiles([process.argv[2]], [process.argv[3]])));`;
    const resolveDir = join(import.meta.dirname, '../..');
    buildSync({ stdin: { contents, resolveDir }, bundle: true, platform: 'node', format: 'esm', outfile: script });
    const { stdout } = wine.run(windowsNode, [zPath(script), `C:\\${name}`, thumbprint]);
    const found = { kind: 'file', where: `C:\\${name}\\read.json`, line: 2, thumbprint, program: null };
    const notRead = ['files and folders that could not be opened: 1'];
    assert.deepEqual(JSON.parse(stdout), { found: [found], files: 1, notRead });
  });

  it('one run works at a time: the second is refused or waits, and a killed owner is in nobody\u2019s way', async () => {
    const home = join(wine.drive, 'ProgramData', 'CertRebind');
    rmSync(home, { recursive: true, force: true });
    mkdirSync(home, { recursive: true });
    const script = join(folder, 'hold-lock.mjs');
    const entry = join(import.meta.dirname, '../engine/state/hold-lock.ts');
    buildSync({ entryPoints: [entry], bundle: true, platform: 'node', format: 'esm', outfile: script });
    const owner = await holding(script, 'C:\\ProgramData\\CertRebind');
    const held = JSON.parse(readFileSync(join(home, 'lock'), 'utf8'));

    const [old, renewed] = ['A', 'B'].map((digit) => digit.repeat(40));
    const waiting = wine.start(windowsExe, ['on-event', '--record', '1']);
    others.push(waiting);
    const refused = wine.run(windowsExe, ['rebind', '--old', old ?? '', '--new', renewed ?? '', '--yes', '--json']);
    assert.equal(refused.status, 6, refused.stdout);
    const { code, message } = JSON.parse(refused.stdout).error;
    assert.equal(code, 'locked');
    assert.ok(message.includes(`Process ${held.pid} `), message);
    assert.equal(waiting.hasEnded(), false, 'it waits for the lock');

    await owner.kill();
    const { status, stderr } = await waiting.ended;
    // It came as far as the PowerShell that Wine has not got.
    assert.equal(status, 7, stderr);
    assert.match(JSON.parse(readFileSync(join(home, 'last-error.json'), 'utf8')).error.code, /^powershell-/);
    assert.deepEqual(readdirSync(home), ['last-error.json'], 'the lock is given back');
    rmSync(home, { recursive: true, force: true });
  });
});
