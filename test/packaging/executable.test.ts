import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CACHE, NODE_VERSION } from '../../scripts/package/bases.mjs';
import { makeExecutable } from '../../scripts/package/executable.mjs';
import { newFolder } from '../support/temporary-lab.ts';

const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
describe('an executable', () => {
  let folder: string;
  let node: string;
  let outfile: string;
  const options = process.env.NODE_OPTIONS;
  beforeEach(() => {
    folder = newFolder();
    outfile = join(folder, 'out');
    mkdirSync(CACHE, { recursive: true });
    process.env.NODE_OPTIONS = '--no-warnings';
    // Plays the Node that runs the tools: notes how it is called, and writes what each of them would.
    node = program(`
echo "$* options=$NODE_OPTIONS" >> ${folder}/calls
case "$*" in
  *pkg.cjs*) cp -r "$(dirname "$2")" ${folder}/work; echo "$HOME $USERPROFILE $TMPDIR $TEMP" > ${folder}/places
    printf '${fuse}:1' > "$(dirname "$2")/executable";;
esac`);
  });
  afterEach(() => {
    if (options === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = options;
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
      .map((line) => line.replaceAll(/\S*\/(?=[^/\s]+)/g, ''));
  const packing = 'pkg.cjs settings.json options=';

  function assertMade(platform: string, device: string) {
    assert.equal(readFileSync(outfile, 'utf8'), `${fuse}:1`);
    assert.equal(statSync(outfile).mode & 0o777, 0o755);
    const { main, targets, seaConfig } = JSON.parse(text('work/settings.json'));
    const work = dirname(main);
    assertNothingLeft(work);
    assert.deepEqual(
      [main, targets],
      [
        join(work, 'program.cjs'),
        [{ nodeRange: `node${NODE_VERSION}`, platform, arch: 'x64', output: join(work, 'executable') }],
      ],
    );
    // Of names alone, so that every folder gives the same bytes: pkg works in a new folder below that of temporary files.
    assert.deepEqual(seaConfig, {
      main: '../program.cjs',
      disableExperimentalSEAWarning: true,
      useSnapshot: false,
      useCodeCache: false,
      execArgvExtension: 'none',
      execArgv: [`--openssl-config=${device}`, '--heap-growing-percent=30'],
    });
    assert.equal(text('places').trim(), [work, work, work, work].join(' '));
    assert.deepEqual([calls(), text('work/program.cjs')], [[packing], 'run(/店/);']);
  }

  function assertNothingLeft(work: string) {
    assert.deepEqual([work.startsWith(join(CACHE, 'work-')), existsSync(work)], [true, false], work);
  }

  it('for Windows takes no options and no configuration of OpenSSL from where it runs', () => {
    const win = join(folder, 'win');
    writeFileSync(win, 'base for Windows');
    makeExecutable({ program: 'run(/店/);', platform: 'win', bases: { linux: node, win }, outfile });
    assertMade('win', 'NUL');
    // As pkg leaves it after a download.
    const cache = 'work/.pkg-cache/sea';
    const [exe, linux] = [`node-v${NODE_VERSION}-win-x64`, `node-v${NODE_VERSION}-linux-x64`];
    assert.equal(text(`${cache}/${exe}.exe`), 'base for Windows');
    assert.equal(text(`${cache}/${linux}/bin/node`), text('node'));
    assert.equal(statSync(join(folder, cache, linux, 'bin/node')).mode & 0o777, 0o755);
    const marks = [`${exe}.zip`, `${exe}.zip.ok`, `${exe}.exe.ok`, `${linux}.tar.gz`, `${linux}.tar.gz.ok`];
    for (const mark of [...marks, `${linux}/bin/node.ok`]) assert.equal(text(`${cache}/${mark}`), '');
  });

  it('for Linux needs no base for Windows', () => {
    makeExecutable({ program: 'run(/店/);', platform: 'linux', bases: { linux: node }, outfile });
    assertMade('linux', '/dev/null');
    assert.equal(existsSync(join(folder, 'work/.pkg-cache/sea', `node-v${NODE_VERSION}-win-x64.exe`)), false);
  });

  it('is not made where a tool fails, which is said in its words, or leaves a plain Node, and nothing is left', () => {
    const make = () => makeExecutable({ program: '0', platform: 'linux', bases: { linux: node }, outfile });
    const noted = `dirname "$2" | tr -d '\\n' > ${folder}/made-in`;
    program(`${noted}; echo out; echo 'no space' >&2; exit 3`);
    assert.throws(make, { message: 'pkg.cjs failed (3): out\nno space\n' });
    assertNothingLeft(text('made-in'));
    program(`${noted}; printf '${fuse}:0' > "$(dirname "$2")/executable"`);
    assert.throws(make, { message: /\/executable holds no program; it is not handed out$/ });
    assertNothingLeft(text('made-in'));
    chmodSync(node, 0o644);
    assert.throws(make, { message: /^pkg\.cjs failed \(null\): spawnSync .*EACCES/ });
    assert.equal(existsSync(outfile), false);
  });
});
