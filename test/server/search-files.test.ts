import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { chmod, mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import sinon from 'sinon';
import { parseThumbprint } from '../../src/model/certificates/thumbprint.ts';
import { searchFiles, searchLimits } from '../../src/server/search-files.ts';
import { newFolder } from '../support/temporary-lab.ts';

const thumbprint = parseThumbprint('A1B2C3D4E5F60718293A4B5C6D7E8F9001122334', 'test');

describe('searching files for thumbprints', () => {
  let folder: string;
  beforeEach(() => {
    folder = newFolder();
  });
  const put = async (path: string, content: string | Uint8Array = thumbprint) => {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), content);
  };
  const search = async (limits = {}, folders = [folder]) => {
    const { found, ...rest } = await searchFiles(folders, [thumbprint], { limits: { ...searchLimits, ...limits } });
    return { ...rest, found: found.map(({ where, line }) => `${where.slice(folder.length + 1)}:${line}`) };
  };

  it('tells each file and line below a folder, of the kinds of files that settings are in', async () => {
    for (const name of [
      'a.config',
      'b.JSON',
      'c.xml',
      'd.yml',
      'e.ini',
      '.env',
      'f.ps1',
      'g.cmd',
      'h.rdp',
      'i.txt',
      'j.log',
      'json',
    ])
      await put(`site/deep/${name}`);
    await put('z.json', Buffer.from(`\uFEFF{\r\n"a": "${thumbprint}"}`, 'utf16le'));
    assert.deepEqual(await search(), {
      files: 10,
      notRead: [],
      found: [
        ...['.env', 'a.config', 'b.JSON', 'c.xml', 'd.yml', 'e.ini', 'f.ps1', 'g.cmd', 'h.rdp'].map(
          (name) => `site/deep/${name}:1`,
        ),
        'z.json:2',
      ],
    });
  });

  it('tells nothing but place, line, thumbprint and program', async () => {
    await put('appsettings.json', `{ "Kestrel": {}, "Password": "Pa55w0rd",\n"Thumbprint": "${thumbprint}" }`);
    const { found } = await searchFiles([folder], [thumbprint]);
    const where = join(folder, 'appsettings.json');
    assert.deepEqual(found, [{ kind: 'file', where, line: 2, thumbprint, program: 'Kestrel' }]);
  });

  it('goes through no link, in circles or to elsewhere', async () => {
    await put('outside/a.json');
    await put('inside/b.json', '{}');
    for (const [target, path] of [
      ['..', 'inside/loop'],
      ['../outside', 'inside/folder'],
      ['../outside/a.json', 'inside/a.json'],
      ['nowhere', 'inside/dangling.json'],
    ] as const)
      await symlink(target, join(folder, path));
    const expected = { files: 1, found: [], notRead: ['links and mounted folders: 4'] };
    assert.deepEqual(await search({}, [join(folder, 'inside')]), expected);
    const linked = join(folder, 'inside/folder');
    assert.deepEqual(await search({}, [linked]), {
      files: 0,
      found: [],
      notRead: [`${linked} (it leads through a link)`],
    });
  });

  it('goes into no other file system', async function () {
    if (process.platform !== 'linux') return this.skip();
    const file = resolve('/dev/shm', `certrebind-test-${process.pid}.json`);
    await writeFile(file, thumbprint);
    try {
      const isTold = async (folder: string) =>
        (await searchFiles([folder], [thumbprint])).found.some(({ where }) => where === file);
      assert.deepEqual([await isTold('/dev'), await isTold('/dev/shm')], [false, true]);
    } finally {
      await rm(file);
    }
  });

  it('passes over what it may not open, and says how many', async function () {
    if (process.platform !== 'linux') return this.skip();
    await put('a.json');
    await put('closed.json');
    await put('closed/b.json');
    await chmod(folder, 0o755);
    await chmod(join(folder, 'closed.json'), 0);
    await chmod(join(folder, 'closed'), 0);
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    try {
      const notRead = ['files and folders that could not be opened: 2'];
      assert.deepEqual(await search(), { files: 1, found: ['a.json:1'], notRead });
    } finally {
      if (isRoot) process.seteuid?.(0);
      await chmod(join(folder, 'closed'), 0o755);
    }
  });

  it('reads no file of more than 2 MB, however large', async () => {
    await put('exact.json', `${' '.repeat(searchLimits.bytesOfOne - thumbprint.length)}${thumbprint}`);
    await put('larger.json', `${' '.repeat(searchLimits.bytesOfOne - thumbprint.length + 1)}${thumbprint}`);
    await put('huge.json');
    await truncate(join(folder, 'huge.json'), 2 ** 30);
    assert.deepEqual(await search(), { files: 1, found: ['exact.json:1'], notRead: ['files of more than 2 MB: 2'] });
  });

  for (const [limits, files] of [
    [{ files: 3 }, 3],
    [{ bytes: 120 }, 3],
    [{ bytes: 119 }, 2],
  ] as const)
    it(`stops reading at its limits, and counts what is left: ${JSON.stringify(limits)}`, async () => {
      for (const name of ['a', 'b', 'c', 'd', 'e']) await put(`${name}.json`);
      const { found, ...rest } = await search(limits);
      assert.equal(found.length, files);
      assert.deepEqual(rest, { files, notRead: [`files beyond the limits of 20,000 files and 1 GB: ${5 - files}`] });
    });

  it('ends when its time is over, and says so', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await put(`${name}.json`);
    await put('more/e.json');
    let asked = 0;
    const folders = [folder, newFolder()];
    const { files, notRead } = await searchFiles(folders, [thumbprint], { now: () => asked++ * 6000 });
    assert.equal(files < 5, true);
    assert.deepEqual(notRead, ['what was left after 20 s']);
    const late = await searchFiles([folder], [thumbprint], { now: () => 1, spentMs: 20_001 });
    assert.deepEqual(late, { found: [], files: 0, notRead });
  });

  it('goes on behind a folder that cannot be read to its end', async () => {
    for (const name of ['a/1', 'b/2', 'c/3']) await put(`${name}.json`);
    const read = sinon.stub(fs.Dir.prototype, 'readSync').callsFake(function (this: fs.Dir) {
      if (this.path.endsWith('b')) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
      return read.wrappedMethod.call(this);
    });
    try {
      const notRead = ['files and folders that could not be opened: 1'];
      assert.deepEqual(await search(), { files: 2, found: ['a/1.json:1', 'c/3.json:1'], notRead });
    } finally {
      read.restore();
    }
  });

  it('tells 20 lines of a file and as many of all as its limit says, and that there are more', async () => {
    const many = `${thumbprint}\n`.repeat(30);
    await put('a.json', many);
    await put('b.json', many);
    const told = 'files with more lines than the first 20 of each and 1,000 of all';
    const first = await search();
    assert.deepEqual([first.found.length, first.notRead], [40, [`${told}: 2`]]);
    const bounded = await search({ found: 25 });
    assert.deepEqual([bounded.found.length, bounded.notRead], [25, [`${told}: 2`]]);
  });

  it('looks through folders that lie in one another once, and passes over one that is not there', async () => {
    await put('a/b.json');
    await put('ab/c.json');
    const folders = [join(folder, 'a/'), join(folder, 'a'), folder, join(folder, 'ab'), join(folder, 'none')];
    const expected = { files: 2, found: ['a/b.json:1', 'ab/c.json:1'], notRead: [] };
    assert.deepEqual(await search({}, folders), expected);
    assert.deepEqual(await search({}, [join(folder, 'a'), join(folder, 'ab')]), expected);
  });

  it('says of a file that changes while it is read that it did', async () => {
    await put('a.json', 'x'.repeat(500_000));
    await inOtherThread(
      `for (;;) { fs.appendFileSync(folder + '/a.json', 'y'); if (Atomics.load(stop, 0) === 1) break; }`,
      async () => {
        for (;;) {
          const { notRead } = await search();
          if (notRead.length === 0) continue;
          assert.deepEqual(notRead, ['files that changed while they were read: 1']);
          return;
        }
      },
    );
  });

  it('believes nothing of a file whose folder is exchanged for a link, whenever that is', async () => {
    const told: string[] = [];
    for (let moment = 1; moment <= 6; moment++) {
      folder = newFolder();
      await put('inside/a/x.json', '{}');
      await put('outside/x.json');
      let asked = 0;
      const now = () => {
        if (++asked === moment) {
          fs.renameSync(join(folder, 'inside/a'), join(folder, 'kept'));
          fs.symlinkSync(join(folder, 'outside'), join(folder, 'inside/a'));
        }
        return 0;
      };
      const { found, notRead } = await searchFiles([join(folder, 'inside')], [thumbprint], { now });
      assert.deepEqual(found, []);
      told.push(...notRead);
    }
    assert.equal(new Set(told).has('links and mounted folders: 1'), true);
  });

  /** While a thread goes on doing this. */
  async function inOtherThread(code: string, work: () => Promise<void>): Promise<void> {
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const head = `const fs = require('node:fs'); const { folder, stop } = require('node:worker_threads').workerData;`;
    const worker = new Worker(head + code, { eval: true, workerData: { folder, stop } });
    const ended = new Promise<void>((done, failed) => {
      worker.once('exit', () => done());
      worker.once('error', failed);
    });
    try {
      await work();
    } finally {
      Atomics.store(stop, 0, 1);
      await ended;
    }
  }
});
