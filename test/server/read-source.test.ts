import assert from 'node:assert/strict';
import { mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { answerOf, readSource, readSourceApart } from '../../src/server/read-source.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-lab.ts';

describe('reading a watched folder', () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => folder.remove());
  const put = (path: string, text = path) => writeFile(join(folder.path, path), text);
  const paths = async () =>
    (await readSource(folder.path)).map(({ path, ...file }) => ('why' in file ? `${path}: ${file.why}` : path));

  it('goes through folders below it, follows links within it, and reads only certificate files of a fitting size', async () => {
    for (const name of ['live', 'archive', 'live/shop']) await mkdir(join(folder.path, name));
    await Promise.all(
      ['a.pfx', 'live/shop/b.pem', 'archive/c.pem', 'd.txt', '.e.pem', 'f.pem'].map((path) => put(path)),
    );
    await symlink('../../archive/c.pem', join(folder.path, 'live/shop/linked.pem'));
    await symlink('/etc/hostname', join(folder.path, 'outside.pem'));
    await symlink('nowhere.pem', join(folder.path, 'dangling.pem'));
    await truncate(join(folder.path, 'f.pem'), 2 * 1024 * 1024);
    const found = await paths();
    assert.equal(found[1], 'f.pem: it is larger than any file of this kind');
    assert.deepEqual([found[0], ...found.slice(2)], ['a.pfx', 'live/shop/b.pem', 'live/shop/linked.pem']);
  });

  it('is the same in another process, or why it was not read', async () => {
    await put('a.pfx', 'ä\0');
    const program = (text: string) => ({
      file: process.execPath,
      words: ['-e', `process.stdout.write(${JSON.stringify(text)})`, '--'],
    });
    const [file] = await readSourceApart(program(await answerOf(folder.path)), folder.path);
    assert.deepEqual(file, (await readSource(folder.path))[0]);
    await rm(folder.path, { recursive: true });
    await assert.rejects(readSourceApart(program(await answerOf(folder.path)), folder.path), {
      message: 'there is no such folder',
    });
    await assert.rejects(readSourceApart(program(''), folder.path), { message: /without an answer/ });
    await assert.rejects(readSourceApart({ file: join(folder.path, 'no-program'), words: [] }, folder.path), {
      code: 'ENOENT',
    });
  });

  it('of a share that hangs ends, and the process with it', async () => {
    const hangs = { file: process.execPath, words: ['-e', 'setInterval(() => {}, 1000)', '--'] };
    await assert.rejects(readSourceApart(hangs, folder.path, 200), { message: 'it did not answer within 0.2 s' });
  });
});
