import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { SourceFile } from '../../src/model/certificates/source-folder.ts';
import {
  answerSource,
  type Judge,
  type ListedFile,
  listSource,
  readSourceApart,
} from '../../src/server/read-source.ts';
import { labProgram } from '../cli/run-program.ts';
import { newFolder } from '../support/temporary-lab.ts';

describe('reading a watched folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = newFolder();
  });
  const put = (path: string, text = path) => writeFile(join(folder, path), text);
  const told = (files: readonly (SourceFile | ListedFile)[]) =>
    files.map((file) => {
      if ('why' in file) return [file.path, file.why, file.final === true];
      return 'bytes' in file ? [file.path, Buffer.from(file.bytes).toString()] : file.path;
    });
  const program = { file: process.execPath, words: [labProgram] };
  const nothing: Judge = async () => new Map();
  const apart = async (judge = nothing) => told(await readSourceApart(program, folder, judge));

  it('goes through folders below it, follows links to files, and says what else bears the name of a certificate', async () => {
    for (const name of ['inside', 'inside/live', 'inside/archive', 'outside']) await mkdir(join(folder, name));
    for (const path of ['a.pfx', 'live/b.pem', 'archive/c.pem', 'd.txt', '.e.pem', 'f.pem'])
      await put(`inside/${path}`, path);
    await put('outside/g.pem', 'g');
    for (const [target, path] of [
      ['../archive/c.pem', 'live/c.pem'],
      ['../outside/g.pem', 'g.pem'],
      ['nowhere.pem', 'dangling.pem'],
      ['g.pem', 'again.pem'],
      ['/dev/zero', 'zero.pem'],
      ['live', 'folder.pem'],
      ['../outside', 'linked'],
    ] as const)
      await symlink(target, join(folder, 'inside', path));
    execFileSync('mkfifo', [join(folder, 'inside/pipe.pem')]);
    await truncate(join(folder, 'inside/f.pem'), 1024 * 1024 + 1);
    folder = join(folder, 'inside');
    assert.deepEqual(await apart(), [
      ['a.pfx', 'a.pfx'],
      ['again.pem', `it is a link to a link, ${folder}/g.pem`, true],
      ['dangling.pem', `it is a link to ${folder}/nowhere.pem, which is not there`, false],
      ['f.pem', 'it is larger than any file of this kind', true],
      ['folder.pem', 'it is not a file', true],
      ['g.pem', 'g'],
      ['live/b.pem', 'live/b.pem'],
      ['live/c.pem', 'archive/c.pem'],
      ['pipe.pem', 'it is not a file', true],
      ['zero.pem', 'it is not a file', true],
    ]);
  });

  it('reads what its judge does not refuse, who sees it before anything is opened', async () => {
    await put('a.pem');
    await put('b.pem');
    const seen = await apart(async ({ root, files }) => {
      assert.deepEqual([root, told(files)], [folder, ['a.pem', 'b.pem']]);
      await put('a.pem', 'written since');
      return new Map([['b.pem', 'others can write it']]);
    });
    assert.deepEqual(seen, [
      ['a.pem', 'written since'],
      ['b.pem', 'others can write it', true],
    ]);
    const refuses: Judge = async () => {
      throw new Error('nothing is read there');
    };
    await assert.rejects(apart(refuses), { message: 'nothing is read there' });
  });

  it('opens nothing that became a pipe, a link or too large after it was judged, and waits for none', async () => {
    await Promise.all(['a.pem', 'b.pem', 'c.pem', 'd.pem'].map((path) => put(path)));
    const seen = await apart(async () => {
      for (const path of ['a.pem', 'b.pem', 'd.pem']) await rm(join(folder, path));
      execFileSync('mkfifo', [join(folder, 'a.pem')]);
      await symlink('c.pem', join(folder, 'b.pem'));
      await truncate(join(folder, 'c.pem'), 2 ** 30);
      return new Map();
    });
    assert.deepEqual(seen, [
      ['a.pem', 'it is not a file', true],
      ['b.pem', 'a link leads back to itself', false],
      ['c.pem', 'it is larger than any file of this kind', true],
    ]);
  });

  it('is bounded in files, in entries and in bytes, and the rest of a folder is read beside one that is closed', async () => {
    const make = async (count: number, name: (at: number) => string, bytes = 1) => {
      await rm(folder, { recursive: true });
      await mkdir(folder);
      for (let at = 0; at < count; at++) await writeFile(join(folder, name(at)), Buffer.alloc(bytes));
    };
    await make(500, (at) => `${at}.pem`);
    assert.equal((await listSource(folder)).files.length, 500);
    await put('one more.pem');
    await assert.rejects(listSource(folder), { message: 'it contains more than 500 certificate files' });
    await make(17, (at) => `${at}.pem`, 1024 * 1024);
    await assert.rejects(listSource(folder), { message: 'it contains more than 16 MB of certificate files' });
    await make(20_001, (at) => `${at}`);
    await assert.rejects(listSource(folder), { message: 'it contains more than 20000 files and folders' });
  });

  it('does not stop at a folder below that it may not read', async function () {
    if (process.getuid?.() === 0) this.skip();
    await put('a.pem');
    await mkdir(join(folder, 'closed'), { mode: 0 });
    assert.deepEqual(await apart(), [
      ['a.pem', 'a.pem'],
      ['closed', 'access is denied', false],
    ]);
    await chmod(join(folder, 'closed'), 0o700);
  });

  it('says why a folder was not read', async () => {
    await rm(folder, { recursive: true });
    await assert.rejects(apart(), { message: 'there is no such folder' });
    const ends = (text: string) => ({
      file: process.execPath,
      words: ['-e', `process.stdout.write(${JSON.stringify(text)})`],
    });
    await assert.rejects(readSourceApart(ends(''), folder, nothing), { message: /without an answer/ });
    await assert.rejects(readSourceApart(ends('{"answer":{"root":"/","files":[]}}\n'), folder, nothing), {
      message: /without an answer/,
    });
    const none = { file: join(folder, 'no-program'), words: [] };
    await assert.rejects(readSourceApart(none, folder, nothing), { code: 'ENOENT' });
  });

  it('carries any bytes and names', async () => {
    await put('a.pem', '\u0000\u00e4');
    await put('\u2028 \u00e4.pem', '');
    const answers: object[] = [];
    await answerSource(folder, Readable.from([Buffer.from('[]')]), (answer) => answers.push(answer));
    assert.deepEqual(await apart(), [
      ['a.pem', '\u0000\u00e4'],
      ['\u2028 \u00e4.pem', ''],
    ]);
    assert.equal(answers.length, 2);
  });

  it('of a share that hangs ends, and the process with it', async () => {
    const hangs = (before: string) => ({
      file: process.execPath,
      words: ['-e', `${before};setInterval(() => {}, 1000)`, '--'],
    });
    const late = { message: 'it did not answer within 0.5 s' };
    const listed = 'console.log(JSON.stringify({answer:{root:"/",files:[]}}))';
    for (const before of ['', listed]) await assert.rejects(readSourceApart(hangs(before), folder, nothing, 500), late);
  });
});
