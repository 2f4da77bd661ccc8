import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { restore, stub } from 'sinon';
import { nothingWatched, parseWatched } from '../../../src/documents/watched.ts';
import { clock } from '../../../src/session/session.ts';
import { type Issued, issued, newRsaKey, pfxOf, withUnknownKey } from '../../builders/issued.ts';
import { jsonHere, runHere } from '../../cli/run-here.ts';
import { labProgram, run, startOptions } from '../../cli/run-program.ts';
import { perform } from '../../security/program.ts';
import { each } from '../../support/each.ts';
import { temporaryLab } from '../../support/temporary-lab.ts';

const hour = 3600_000;

describe('watched folders', () => {
  let lab: Awaited<ReturnType<typeof temporaryLab>>;
  let folder: string;
  let names: readonly string[];
  let old: string;
  let next: Issued;
  let later: Issued;
  let slept: number[];
  let atPause: () => Promise<void>;

  before(async () => {
    const { certificates, remove } = await temporaryLab({ sites: 1 });
    await remove();
    [old, names] = [certificates[0]?.thumbprint ?? '', certificates[0]?.names ?? []];
    next = await issued(names, new Date(Date.now() - hour).toISOString(), 400);
    later = await issued(names, new Date(Date.now() - hour / 2).toISOString(), 400);
  });
  beforeEach(async () => {
    lab = await temporaryLab({ sites: 1 });
    const root = join(lab.folder, '..', 'root.pem');
    await writeFile(root, next.root);
    await runHere(['lab', 'trust', root, '--lab', lab.folder]);
    folder = join(lab.folder, '..', 'certs');
    await mkdir(folder, { mode: 0o700 });
    slept = [];
    atPause = async () => {};
    stub(clock, 'sleep').callsFake(async (ms) => {
      slept.push(ms);
      // No event has to wait for a folder.
      if (ms !== 5000) return;
      assert.ok(!existsSync(join(lab.folder, 'certrebind', 'lock')));
      await atPause();
    });
    // The process that reads the folder is the program that was built.
    stub(process, 'argv').value([process.execPath, labProgram]);
    stub(process, 'execArgv').value(startOptions);
  });
  afterEach(() => {
    restore();
    return lab.remove();
  });

  const call = (...words: readonly string[]) => perform([...words, '--lab', lab.folder, '--json']);
  const put = (name: string, text: string | Buffer) => writeFile(join(folder, name), text, { mode: 0o600 });
  const watched = async () =>
    readFile(join(lab.folder, 'certrebind', 'watched.json'), 'utf8').then(
      (text) => parseWatched(text, ''),
      () => nothingWatched,
    );
  const states = async () =>
    (await watched()).folders[folder]?.newest.map(({ thumbprint, state }) => [thumbprint, state]);

  const found = async (code: string): Promise<string> =>
    (await call('status')).document.findings.find((one: { code: string }) => one.code === code)?.message ?? '';

  it('are added, listed and removed in the configuration', async () => {
    assert.equal((await call('watch', 'add', folder, '--names', 'Shop.example.com')).exitCode, 0);
    assert.equal((await call('watch', 'add', folder, '--names', 'shop.example.com,b.example.com')).exitCode, 0);
    const { document } = await call('config', 'show');
    assert.deepEqual(document.watch, [{ path: folder, names: ['shop.example.com', 'b.example.com'] }]);
    const listed = await call('watch', 'list');
    assert.deepEqual(each(listed.document.watches, 'path', 'lookedAt'), [[folder, null]]);
    assert.deepEqual((await call('watch', 'remove', folder)).document.watches, []);
    assert.equal((await call('watch', 'remove', folder)).document.error.code, 'no-such-watch');
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
    assert.deepEqual(each(history.runs, 'result'), ['rebound']);
    assert.equal((await call('undo')).exitCode, 0);
  });

  it('are looked at by the hourly task, which tells the run that took something as its own', async () => {
    assert.equal((await call('enable', '--no-proof')).exitCode, 0);
    await call('watch', 'add', folder);
    await put('shop.pem', next.certificate + next.chain + next.key);
    assert.deepEqual((await call('reconcile', '--dry-run')).document.renewals, []);
    assert.deepEqual(
      [await states(), (await call('history')).document.runs],
      [undefined, []],
      'a dry run takes nothing',
    );
    const { exitCode, document } = await call('reconcile');
    assert.deepEqual([exitCode, document.command, document.result, document.exitCode], [0, 'watch', 'rebound', 0]);
    assert.deepEqual(await states(), [[next.thumbprint, 'taken']]);
    assert.equal((await call('reconcile')).document.result, 'nothing-to-do');
    await call('disable');
  });

  it('of which the memory is empty give nothing by themselves, until a person looks', async () => {
    await call('watch', 'add', folder);
    await put('shop.pem', next.certificate + next.chain + next.key);
    const memory = join(lab.folder, 'certrebind', 'watched.json');
    await writeFile(memory, '', { mode: 0o600 });

    const hourly = await call('reconcile');

    assert.equal(hourly.document.result, 'nothing-to-do');
    assert.ok(hourly.stderr.includes(`The watched folders were not looked at: ${memory}`), hourly.stderr);
    assert.equal(await readFile(memory, 'utf8'), '');
    assert.ok((await found('damaged-file')).includes(memory));
    const listed = await call('watch', 'list');
    assert.ok(listed.stderr.includes(memory), listed.stderr);
    assert.equal((await call('watch', 'now')).document.runs[0].result, 'rebound');
    assert.deepEqual(await states(), [[next.thumbprint, 'taken']]);
    assert.equal(await found('damaged-file'), '');
  });

  it('of which the memory is of a later version give nothing, also where a person looks', async () => {
    await call('watch', 'add', folder);
    await put('shop.pem', next.certificate + next.chain + next.key);
    const memory = join(lab.folder, 'certrebind', 'watched.json');
    await writeFile(memory, '{"schema": "certrebind/watched/2"}', { mode: 0o600 });

    for (const words of [['reconcile'], ['watch', 'now']])
      assert.equal((await call(...words)).exitCode, 2, words.join(' '));
    const listed = await call('watch', 'list');
    assert.ok(listed.stderr.includes(`${memory} was written by another version`), listed.stderr);
  });

  it('come after what is pending on the server, and the worse of both runs is the result', async () => {
    await call('watch', 'add', folder);
    await put('shop.pem', next.certificate + next.chain + next.key);
    const certificates: { thumbprint: string; names: string[] }[] = (await call('usage')).document.certificates;
    const pending = certificates.find(({ thumbprint }) => thumbprint !== old);
    const renew = (...words: string[]) =>
      jsonHere(['lab', 'renew', pending?.thumbprint ?? '', ...words, '--lab', lab.folder]);
    const { document: lacking } = await renew('--names', `other.example.com,${pending?.names[1]}`);
    let runsBefore = -1;
    atPause = async () => {
      runsBefore = (await call('history')).document.runs.length;
    };
    const blocked = await call('reconcile');
    assert.deepEqual([blocked.exitCode, blocked.document.command, blocked.document.exitCode], [3, 'reconcile', 3]);
    assert.match(blocked.stderr, /^certrebind: Run \S+ \(watch\): rebound\. To see it: certrebind history \S+$/m);
    assert.equal(runsBefore, 1, 'it was applied before the folder was read');
    await jsonHere(['lab', 'renew', lacking.new, '--names', pending?.names.join(',') ?? '', '--lab', lab.folder]);
    await put('shop.pem', later.certificate + later.chain + later.key);
    const both = await call('reconcile');
    assert.deepEqual(
      [both.exitCode, both.document.command, both.document.renewals[0].new],
      [0, 'watch', later.thumbprint],
    );
    assert.match(both.stderr, /Run \S+ \(reconcile\): rebound/);
  });

  it('have a minute in one start, and those that it did not reach are first in the next', async () => {
    const folders = ['a', 'b', 'c'].map((name) => join(folder, name));
    for (const path of folders) {
      await mkdir(path, { mode: 0o700 });
      await call('watch', 'add', path);
    }
    let now = Date.parse('2030-01-01T00:00:00Z');
    stub(clock, 'now').callsFake(() => {
      now += 9000;
      return new Date(now);
    });
    const reached = async (): Promise<readonly string[]> => {
      const since = new Date(now).toISOString();
      await call('reconcile');
      const known = (await watched()).folders;
      const at = (path: string) => known[path]?.lookedAt ?? '';
      return folders.filter((path) => at(path) > since).sort((x, y) => (at(x) < at(y) ? -1 : 1));
    };
    const first = await reached();
    assert.deepEqual(first, folders.slice(0, first.length));
    assert.ok(first.length === 1 || first.length === 2);
    assert.equal((await reached())[0], folders[first.length]);
  });

  it('that take longer alone are told, instead of being tried for ever', async () => {
    await call('watch', 'add', folder);
    let now = Date.parse('2030-01-01T00:00:00Z');
    stub(clock, 'now').callsFake(() => {
      now += 31_000;
      return new Date(now);
    });
    await call('reconcile');
    assert.match((await watched()).folders[folder]?.unreachable?.why ?? '', /not enough time to read it/);
  });

  it('give again what a run that was stopped did not apply', async () => {
    await call('watch', 'add', folder);
    await put('shop.pem', next.certificate + next.chain + next.key);
    const during = stub(clock, 'now').callsFake(() => {
      if (existsSync(join(lab.folder, 'certrebind', 'lock'))) process.emit('SIGTERM');
      return new Date();
    });
    await call('watch', 'now');
    assert.deepEqual(await states(), [[next.thumbprint, 'found']]);
    during.restore();
    assert.equal((await call('watch', 'now')).document.runs[0].result, 'rebound');
    assert.deepEqual(await states(), [[next.thumbprint, 'taken']]);
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
    assert.equal((await call('watch', 'now')).exitCode, 3);
    assert.match((await watched()).folders[folder]?.unreachable?.why ?? '', /There is no secret pfx/);
    await call('watch', 'add', folder);
    await put('shop.pfx', pfxOf(next, ''));
    await chmod(folder, 0o777);
    const { exitCode, document } = await call('watch', 'now');
    assert.deepEqual([exitCode, document.runs, document.watches[0].newest], [3, [], []]);
    assert.match(document.watches[0].unreachable.why, /^nothing is read there: .* can be written by/);
    assert.match(JSON.stringify((await call('status')).document.findings), /source-unreachable.*can be written by/);
  });

  it('give what needs no password although they have one', async () => {
    await run(['secret', 'set', 'pfx', '--lab', lab.folder], { input: 'secret\n' });
    assert.equal((await call('watch', 'add', folder, '--password', 'secret:pfx')).exitCode, 0);
    await put('open.pfx', pfxOf(next, ''));
    await call('watch', 'now');
    assert.deepEqual(await states(), [[next.thumbprint, 'taken']]);
    await rm(join(folder, 'open.pfx'));
    await put('closed.pfx', pfxOf(later, 'secret'));
    await call('watch', 'now');
    assert.deepEqual((await states())?.[0], [later.thumbprint, 'taken']);
  });

  it('have files that links lead to, if nobody else can write those', async () => {
    const live = join(lab.folder, '..', 'live');
    await mkdir(live, { recursive: true, mode: 0o700 });
    await writeFile(join(live, 'next1.pem'), next.certificate + next.chain + next.key, { mode: 0o600 });
    await symlink('../live/next1.pem', join(folder, 'shop.pem'));
    const other = await issued(['other.example.org'], new Date(Date.now() - hour).toISOString());
    await put('other.pem', other.certificate + other.key);
    await call('watch', 'add', folder);
    await chmod(live, 0o777);
    for (let look = 1; look <= 3; look++) await call('watch', 'now');
    assert.deepEqual(await states(), [[other.thumbprint, 'unused']]);
    assert.match(await found('source-incomplete'), /shop\.pem: .*live can be written by/);
    await chmod(live, 0o700);
    assert.equal((await call('watch', 'now')).exitCode, 0);
    assert.deepEqual(await states(), [
      [other.thumbprint, 'unused'],
      [next.thumbprint, 'taken'],
    ]);
    await rm(live, { recursive: true });
  });

  it('give their renewal beside a certificate that no program here can use, which is named', async () => {
    await put('odd.cer', withUnknownKey(next));
    await put('shop.pem', next.certificate + next.chain + next.key);
    await call('watch', 'add', folder);
    for (let look = 1; look <= 3; look++) assert.equal((await call('watch', 'now')).exitCode, 0);
    assert.deepEqual(await states(), [[next.thumbprint, 'taken']]);
    assert.match(await found('source-incomplete'), /odd\.cer: it has a certificate with a key of an unknown kind/);
  });

  it('list what is there, and not what has gone', async () => {
    await put('shop.pem', next.certificate + next.chain + next.key);
    await call('watch', 'add', folder);
    await call('watch', 'now');
    await rm(join(folder, 'shop.pem'));
    const { document } = await call('watch', 'now');
    assert.deepEqual([document.watches[0].newest, await states()], [[], [[next.thumbprint, 'taken']]]);
  });

  describe('of a certificate past half of its life', () => {
    const pem = ({ certificate, chain, key }: Issued) => certificate + chain + key;
    const at = (ms: number) => new Date(Date.now() - ms).toISOString();
    let ec: Issued;
    beforeEach(async () => {
      await call('watch', 'add', folder);
      await put('rsa.pem', pem(await issued(names, at(250 * 24 * hour), 400, newRsaKey())));
      await call('watch', 'now');
      ec = await issued(names, at(hour - 2000), 400);
      await put('ec.pem', pem(ec));
    });

    it('with twins renew each place with the kind of key that it has', async () => {
      const rsa = await issued(names, at(hour), 400, newRsaKey());
      await put('rsa.pem', pem(rsa));
      assert.equal((await call('watch', 'now')).exitCode, 0);
      assert.deepEqual(await states(), [
        [ec.thumbprint, 'unused'],
        [rsa.thumbprint, 'taken'],
      ]);
    });

    it('give it another kind of key where its own has gone from the folder', async () => {
      await rm(join(folder, 'rsa.pem'));
      await call('watch', 'now');
      assert.deepEqual((await states())?.[0], [ec.thumbprint, 'taken']);
    });
  });
});
