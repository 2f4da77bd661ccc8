import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { restore, stub } from 'sinon';
import { nothingWatched, parseWatched } from '../../src/documents/watched.ts';
import { clock } from '../../src/session/session.ts';
import { type Issued, issued, pfxOf } from '../builders/issued.ts';
import { runHere } from '../cli/run-here.ts';
import { labProgram, startOptions } from '../cli/run-program.ts';
import { perform } from '../security/program.ts';
import { temporaryLab } from '../support/temporary-lab.ts';

const hour = 3600_000;

describe('watched folders', () => {
  let lab: Awaited<ReturnType<typeof temporaryLab>>;
  let folder: string;
  let names: readonly string[];
  let _old: string;
  let next: Issued;
  let slept: number[];

  before(async () => {
    lab = await temporaryLab({ sites: 1 });
    const { document } = await call('usage');
    [{ thumbprint: _old, names }] = document.certificates;
    next = await issued(names, new Date(Date.now() - hour).toISOString(), 400);
    const root = join(lab.folder, '..', 'root.pem');
    await writeFile(root, next.root);
    await runHere(['lab', 'trust', root, '--lab', lab.folder]);
  });
  after(() => lab.remove());
  beforeEach(async () => {
    folder = join(lab.folder, '..', 'certs');
    await rm(folder, { recursive: true, force: true });
    await rm(join(lab.folder, 'certrebind'), { recursive: true, force: true });
    await mkdir(folder, { mode: 0o700 });
    slept = [];
    stub(clock, 'sleep').callsFake(async (ms) => {
      slept.push(ms);
      // No event has to wait for a folder.
      if (ms === 5000) assert.ok(!existsSync(join(lab.folder, 'certrebind', 'lock')));
    });
    // The process that reads the folder is the program that was built.
    stub(process, 'argv').value([process.execPath, labProgram]);
    stub(process, 'execArgv').value(startOptions);
  });
  afterEach(restore);

  const call = (...words: readonly string[]) => perform([...words, '--lab', lab.folder, '--json']);
  const put = (name: string, text: string | Buffer) => writeFile(join(folder, name), text, { mode: 0o600 });
  const watched = async () =>
    readFile(join(lab.folder, 'certrebind', 'watched.json'), 'utf8').then(
      (text) => parseWatched(text, ''),
      () => nothingWatched,
    );
  const states = async () =>
    (await watched()).folders[folder]?.newest.map(({ thumbprint, state }) => [thumbprint, state]);

  it('are added, listed and removed in the configuration', async () => {
    assert.equal((await call('watch', 'add', folder, '--names', 'Shop.example.com')).exitCode, 0);
    assert.equal((await call('watch', 'add', folder, '--names', 'shop.example.com,b.example.com')).exitCode, 0);
    const { document } = await call('config', 'show');
    assert.deepEqual(document.watch, [{ path: folder, names: ['shop.example.com', 'b.example.com'] }]);
    const listed = await call('watch', 'list');
    assert.deepEqual(
      listed.document.watches.map(({ path, lookedAt }: { path: string; lookedAt: null }) => [path, lookedAt]),
      [[folder, null]],
    );
    assert.deepEqual((await call('watch', 'remove', folder)).document.watches, []);
    assert.equal((await call('watch', 'remove', folder)).document.error.code, 'bad-input');
  });

  for (const [what, words, code] of [
    ['is not there', async () => [join(folder, 'nothing')], 'bad-input'],
    ['others can write', async () => chmod(folder, 0o777).then(() => [folder]), 'unsafe-folder'],
    ['is no share, with --trust-share', async () => [folder, '--trust-share'], 'usage'],
    ['has a name that is no host', async () => [folder, '--names', 'a b'], 'usage'],
    ['has a password in plain text', async () => [folder, '--password', 'secret'], 'bad-configuration'],
  ] as const)
    it(`that ${what} is refused: ${code}`, async () => {
      const { document } = await call('watch', 'add', ...(await words()));
      assert.equal(document.error.code, code);
      assert.deepEqual((await call('config', 'show')).document.watch, []);
    });

  it('give what is new to its places once: it is imported, applied and remembered', async () => {
    await call('watch', 'add', folder);
    await put('fullchain.pem', next.certificate + next.chain);
    await put('privkey.pem', next.key);
    const { exitCode, document } = await call('watch', 'now');
    assert.deepEqual([exitCode, document.runs.length], [0, 1], JSON.stringify(document));
    assert.ok(slept.includes(5000));
    assert.deepEqual(await states(), [[next.thumbprint, 'taken']]);
    const usage = await call('usage', next.thumbprint);
    assert.ok(JSON.stringify(usage.document).includes(next.thumbprint));
    assert.deepEqual((await call('watch', 'now')).document.runs, []);
    const { document: history } = await call('history');
    assert.deepEqual(
      history.runs.map(({ result }: { result: string }) => result),
      ['rebound'],
    );
    assert.equal((await call('undo')).exitCode, 0);
  });

  it('are looked at by the hourly task', async () => {
    assert.equal((await call('enable', '--no-proof')).exitCode, 0);
    await call('watch', 'add', folder);
    await put('shop.pem', next.certificate + next.chain + next.key);
    assert.equal((await call('reconcile')).exitCode, 0);
    assert.deepEqual(await states(), [[next.thumbprint, 'taken']]);
    await call('undo');
    await call('disable');
  });

  it('that cannot be read any more are told, and what is pending is applied all the same', async () => {
    await call('watch', 'add', folder);
    await rename(folder, `${folder}-away`);
    const { exitCode } = await call('reconcile');
    await rename(`${folder}-away`, folder);
    assert.equal(exitCode, 0);
    const { document } = await call('status');
    const found = document.findings.find(({ code }: { code: string }) => code === 'source-unreachable');
    assert.match(found.message, /there is no such folder/);
    await call('watch', 'now');
    assert.equal((await watched()).folders[folder]?.unreachable, null);
  });

  it('whose secret is missing, or which others can write by now, give nothing, and say why', async () => {
    await call('watch', 'add', folder, '--password', 'secret:pfx');
    await put('shop.pfx', pfxOf(next, 'secret'));
    await call('watch', 'now');
    assert.match((await watched()).folders[folder]?.unreachable?.why ?? '', /There is no secret pfx/);
    await call('watch', 'add', folder);
    await put('shop.pfx', pfxOf(next, ''));
    await chmod(folder, 0o777);
    const { exitCode, document: looked } = await call('watch', 'now');
    assert.deepEqual([exitCode, looked.runs, await states()], [3, [], [[next.thumbprint, 'refused']]]);
    const { document } = await call('status');
    assert.match(JSON.stringify(document.findings), /source-not-taken/);
  });

  it('lead nowhere else by links, and a new certificate for other names is not needed', async () => {
    const away = join(lab.folder, '..', 'away.pem');
    await writeFile(away, next.certificate + next.chain + next.key, { mode: 0o600 });
    await symlink(away, join(folder, 'shop.pem'));
    const other = await issued(['other.example.org'], new Date(Date.now() - hour).toISOString());
    await put('other.pem', other.certificate + other.key);
    await call('watch', 'add', folder);
    const { exitCode } = await call('watch', 'now');
    assert.deepEqual([exitCode, await states()], [0, [[other.thumbprint, 'unused']]]);
  });
});
