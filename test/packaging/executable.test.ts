import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// @ts-expect-error: a script of this project without types
import { CACHE, NODE_VERSION } from '../../scripts/package/bases.mjs';
// @ts-expect-error: a script of this project without types
import { makeExecutable } from '../../scripts/package/executable.mjs';

const root = join(import.meta.dirname, '../..');
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
/** What only a real program of this platform can be: what postject changes. */
const something = '/bin/true';

(existsSync(something) ? describe : describe.skip)('an executable', () => {
  let folder: string;
  let node: string;
  let outfile: string;
  const options = process.env.NODE_OPTIONS;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'crb-executable-'));
    outfile = join(folder, 'out');
    mkdirSync(CACHE, { recursive: true });
    process.env.NODE_OPTIONS = '--no-warnings';
    const stock = join(folder, 'stock');
    writeFileSync(stock, Buffer.concat([readFileSync(something), Buffer.from(`${fuse}:0`)]));
    // Plays the Node that runs the tools: notes how it is called, and writes what each of them would.
    node = program(`
echo "$* options=$NODE_OPTIONS lab=$(basename "$CERTREBIND_LAB")" >> ${folder}/calls
case "$*" in
  *--sea*) mkdir -p "$7"; cat ${stock} > "$7/certrebind"; printf %s "$3" >> "$7/certrebind"; cp "$7/certrebind" "$7/certrebind.exe"
    printf %s "$3" > ${folder}/packed; cp "$3" ${folder}/bundle; cp -r "$HOME" ${folder}/home;;
  *sea-config*) cp -r . ${folder}/sea; printf 'what Node made of it' > program.blob;;
  *code-cache*) printf cache > "$5";;
esac`);
  });
  afterEach(() => {
    if (options === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = options;
    rmSync(folder, { recursive: true, force: true });
  });

  function program(text: string): string {
    const file = join(folder, 'node');
    writeFileSync(file, `#!/bin/sh\n${text}\n`);
    chmodSync(file, 0o755);
    return file;
  }
  const text = (name: string) => readFileSync(join(folder, name), 'utf8');
  /** The words of each call, without folders. */
  const calls = () =>
    text('calls')
      .trim()
      .split('\n')
      .map((line) => line.replaceAll(`${root}/`, '').replaceAll(/\S*\/(?=[^/\s]+)/g, ''));
  const settings = (device: string) => ({
    output: 'program.blob',
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    useCodeCache: false,
    execArgvExtension: 'none',
    execArgv: [`--openssl-config=${device}`, '--heap-growing-percent=30'],
  });
  const packing = (platform: string) =>
    `bin.js --sea certrebind.cjs --targets node${NODE_VERSION}-${platform}-x64 --out-path pkg options= lab=`;
  const making = '--random-seed=1 --experimental-sea-config sea.json options= lab=';

  function assertWhole() {
    const made = readFileSync(outfile);
    assert.ok(made.includes(`${fuse}:1`) && made.includes('what Node made of it'));
    assert.equal(statSync(outfile).mode & 0o777, 0o755);
    // So that every folder gives the same bytes.
    assert.deepEqual([text('packed').length, made.includes('certrebind.cjs')], [220, false]);
    assertNothingLeft(text('packed'));
  }

  function assertNothingLeft(packed: string) {
    const [work = ''] = /^.*\/work-[^/]+/.exec(packed) ?? [];
    assert.deepEqual([work.startsWith(CACHE), existsSync(work)], [true, false], packed);
  }

  it('for Windows holds its parts, and takes no options and no configuration of OpenSSL from where it runs', async () => {
    const win = join(folder, 'win');
    writeFileSync(win, 'base for Windows');
    const parts = { entry: './a.js', texts: { './a.js': '(function(){})', './b.js': '0' } };
    await makeExecutable({ program: { parts }, platform: 'win', bases: { linux: node, win }, outfile });
    assertWhole();
    assert.deepEqual(calls(), [packing('win'), making]);
    const assets = { './a.js': 'a.js', './b.js': 'b.js' };
    assert.deepEqual(JSON.parse(text('sea/sea.json')), { main: 'start.cjs', assets, ...settings('NUL') });
    assert.deepEqual([text('sea/a.js'), text('sea/b.js')], ['(function(){})', '0']);
    assert.match(text('sea/start.cjs'), /require\('node:sea'\).*'\.\/a\.js'/s);
    assert.match(text('bundle'), /require\('node:vm'\).*'\.\/a\.js'/s);
    // As pkg leaves it after a download.
    const cache = 'home/.pkg-cache/sea';
    const [exe, linux] = [`node-v${NODE_VERSION}-win-x64`, `node-v${NODE_VERSION}-linux-x64`];
    assert.equal(text(`${cache}/${exe}.exe`), 'base for Windows');
    assert.equal(text(`${cache}/${linux}/bin/node`), text('node'));
    assert.equal(statSync(join(folder, cache, linux, 'bin/node')).mode & 0o777, 0o755);
    const marks = [`${exe}.zip`, `${exe}.zip.ok`, `${exe}.exe.ok`, `${linux}.tar.gz`, `${linux}.tar.gz.ok`];
    for (const mark of [...marks, `${linux}/bin/node.ok`]) assert.equal(text(`${cache}/${mark}`), '');
  });

  it('for Linux has a cache of what a second start needs, without a base for Windows', async () => {
    const bundle = join(folder, 'bundle.cjs');
    writeFileSync(bundle, '#!/usr/bin/env node\nrun();');
    await makeExecutable({ program: { bundle }, platform: 'linux', bases: { linux: node }, outfile });
    assertWhole();
    assert.deepEqual(calls(), [
      packing('linux'),
      'certrebind.cjs lab create lab options= lab=',
      'certrebind.cjs on-event --record 1 options= lab=lab',
      '--random-seed=1 --heap-growing-percent=30 code-cache.cjs program.cjs program.cache on-event --record 1 options= lab=lab',
      making,
    ]);
    const assets = { program: 'program.cjs', cache: 'program.cache' };
    assert.deepEqual(JSON.parse(text('sea/sea.json')), { main: 'start.cjs', assets, ...settings('/dev/null') });
    assert.equal(text('sea/program.cjs'), '(function (exports, require, module, __filename, __dirname) {\nrun();\n})');
    assert.equal(text('sea/start.cjs'), readFileSync(join(root, 'scripts/package/start.cjs'), 'utf8'));
    assert.equal(existsSync(join(folder, 'home/.pkg-cache/sea', `node-v${NODE_VERSION}-win-x64.exe`)), false);
  });

  it('is not made where a tool fails, which is said in its words, and nothing is left', async () => {
    const bundle = join(folder, 'bundle.cjs');
    writeFileSync(bundle, '');
    const make = () => makeExecutable({ program: { bundle }, platform: 'linux', bases: { linux: node }, outfile });
    program(`printf %s "$3" > ${folder}/packed; echo out; echo 'no space' >&2; exit 3`);
    await assert.rejects(make, { message: 'bin.js failed (3): out\nno space\n' });
    chmodSync(node, 0o644);
    await assert.rejects(make, { message: /^bin\.js failed \(null\): spawnSync .*EACCES/ });
    assert.equal(existsSync(outfile), false);
    assertNothingLeft(text('packed'));
  });
});
