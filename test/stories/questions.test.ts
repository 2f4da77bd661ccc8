import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { labProgram, run, runJson, startOptions } from '../cli/run-program.ts';
import { itQuickly } from '../support/slow.ts';
import { tellLab } from '../support/tell-lab.ts';
import { temporaryLab } from '../support/temporary-lab.ts';
import { onLab, openWorld, servers, type World } from './lab-world.ts';

/** `script` gives a program a terminal of its own; it is part of every Linux this runs on. */
async function onTerminal(
  line: readonly string[],
  answer: string,
  redirection = '',
): Promise<{ exitCode: number; shown: string }> {
  const words = [process.execPath, ...startOptions, labProgram, ...line].map((word) => `'${word}'`).join(' ');
  const command = `${words}${redirection}`;
  const child = spawn('script', ['-qefc', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    shown += text;
    if (text.includes('Password of')) child.stdin.write('secret\n');
    if (text.includes('[y/N]')) child.stdin.write(`${answer}\n`);
  });
  const [exitCode] = await once(child, 'close');
  return { exitCode, shown };
}

for (const { kind, words } of servers)
  describe(`questions at a terminal (${kind})`, () => {
    let world: World;
    let pair: readonly string[];
    before(function () {
      if (process.platform !== 'linux') this.skip();
    });
    beforeEach(async () => {
      world = await openWorld(words);
      const old = world.certificates[0]?.thumbprint ?? '';
      pair = ['--old', old, '--new', (await world.lab(['renew', old])).new, ...words(world.folder)];
    });
    afterEach(() => world.close());

    it('no: nothing is changed, and the exit code says that a person said no', async () => {
      const before = await world.records();
      const { exitCode, shown } = await onTerminal(['rebind', ...pair], 'n');
      assert.match(shown, /Make 9 changes\? \[y\/N\]/);
      assert.match(shown, /Nothing was changed/);
      assert.equal(exitCode, 3);
      assert.deepEqual(await world.records(), before);
    });

    itQuickly('also where the result goes elsewhere: the question is not in it', async () => {
      const before = await world.records();
      const file = join(world.folder, 'result.txt');
      const { exitCode, shown } = await onTerminal(['rebind', ...pair], 'n', ` >'${file}'`);
      assert.match(shown, /To be changed.*Make 9 changes\? \[y\/N\]/s);
      assert.equal(exitCode, 3);
      assert.equal(await readFile(file, 'utf8'), '');
      assert.deepEqual(await world.records(), before);
      const yes = await onTerminal(['rebind', ...pair], 'y', ` >'${file}'`);
      assert.equal(yes.exitCode, 0, yes.shown);
      assert.match(await readFile(file, 'utf8'), /^Run \S+: rebound\n/);
    });

    it('yes: what was shown is done', async () => {
      const { exitCode, shown } = await onTerminal(['rebind', ...pair], 'y');
      assert.equal(exitCode, 0, shown);
      assert.match(shown, /rebound/);
    });

    it('of a run that was interrupted: its journal goes only when a person says so', async () => {
      const home = join(world.folder, 'certrebind');
      const run = '20260601-120000000-abcd';
      await mkdir(join(home, 'runs', run), { recursive: true, mode: 0o700 });
      await writeFile(join(home, 'runs', run, 'journal.ndjson'), '{"type":"opened"}\n');
      const purge = ['uninstall', '--purge', ...words(world.folder)];
      const { exitCode, shown } = await onTerminal([...purge, '--yes'], 'n');
      assert.equal(exitCode, 3, shown);
      const no = await onTerminal(purge, 'n');
      assert.match(no.shown, new RegExp(`Run ${run} was interrupted\\. Only its journal shows`));
      assert.ok(existsSync(home));
      assert.equal((await onTerminal(purge, 'y')).exitCode, 0);
      assert.equal(existsSync(home), false);
    });

    itQuickly('none with --yes, and none with --json', async () => {
      const { shown } = await onTerminal(['rebind', ...pair, '--dry-run', '--json'], 'n');
      assert.equal(JSON.parse(shown).dryRun, true);
      const { exitCode, shown: report } = await onTerminal(['rebind', ...pair, '--yes'], 'n');
      assert.equal(exitCode, 0);
      assert.doesNotMatch(report, /\[y\/N\]/);
    });
  });

onLab(servers, 'at a terminal', () => {
  let lab: Awaited<ReturnType<typeof temporaryLab>>;
  beforeEach(async function () {
    if (process.platform !== 'linux') this.skip();
    lab = await temporaryLab({ sites: 1 });
  });
  afterEach(() => lab?.remove());

  it('reconcile shows its plan and asks; --yes answers', async () => {
    const { thumbprint } = lab.certificates[0] ?? { thumbprint: '' };
    assert.equal((await run(['lab', 'renew', thumbprint, '--lab', lab.folder])).exitCode, 0);
    const no = await onTerminal(['reconcile', '--lab', lab.folder], 'n');
    assert.equal(no.exitCode, 3, no.shown);
    assert.match(no.shown, /To be changed.*Make \d+ changes\? \[y\/N\].*Nothing was changed/s);
    assert.equal((await runJson(['history', '--lab', lab.folder])).document.runs.length, 0);
    const yes = await onTerminal(['reconcile', '--yes', '--lab', lab.folder], 'n');
    assert.doesNotMatch(yes.shown, /\[y\/N\]/);
    assert.equal((await runJson(['history', '--lab', lab.folder])).document.runs[0].result, 'rebound', yes.shown);
  });

  it('an error takes the place of the progress', async () => {
    const { exitCode, shown } = await onTerminal(['plan', '--record', '999', '--lab', lab.folder], 'n');
    assert.equal(exitCode, 2, shown);
    // `\r` and its sequence take back what stood on the line.
    const [, kept = ''] = /([^\r\n]*)certrebind: /.exec(shown) ?? [];
    assert.equal(kept, '\u001B[2K');
    assert.match(shown, /Reading/);
  });

  it('import asks after the server was read once, and no leaves the certificate out', async () => {
    const effect = { do: 'fail', hresult: 0x80070005, message: 'read twice' } as const;
    await tellLab(lab.folder, { kind: 'arm-fault', fault: { on: { kind: 'read' }, nth: 2, times: 1, effect } });
    const file = join(import.meta.dirname, '../fixtures/pfx/rsa-aes.pfx');
    const old = lab.certificates[0]?.thumbprint ?? '';
    const line = ['import', file, '--replace', old, '--allow', 'trust-lost', '--lab', lab.folder];
    const { exitCode, shown } = await onTerminal(line, 'n');
    assert.equal(exitCode, 3, shown);
    assert.match(shown, /Make \d+ changes\? \[y\/N\]/);
    assert.match(shown, /Nothing was changed/);
  });
});
