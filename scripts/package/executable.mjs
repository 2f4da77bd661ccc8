// One program and one base become one executable. pkg builds it, from a script of ours, because it takes settings that its
// command line has no way to pass: no NODE_OPTIONS (execArgvExtension), no openssl.cnf from anywhere, a small heap (execArgv).

import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { demandAscii, fromAssets } from '../lib/parts.mjs';
import { inRoot } from '../lib/paths.mjs';
import { CACHE, NODE_VERSION } from './bases.mjs';

const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
const NULL_DEVICE = { linux: '/dev/null', win: 'NUL' };

/**
 * @param program for Linux `{ bundle }`, the path of its CommonJS file, of which V8 makes a code cache; for Windows, which
 *   refuses a cache that was made here, `{ parts }` (lib/parts.mjs)
 * @param platform 'linux' or 'win'
 * @param bases { linux, win }: paths of the prepared base binaries, those of the platform and of the building machine, which runs
 *   the tools
 * @param outfile where the executable is written
 */
export function makeExecutable({ program, platform, bases, outfile }) {
  const work = mkdtempSync(join(CACHE, 'work-'));
  try {
    const { main, assets } =
      program.parts === undefined ? withCodeCache(program.bundle, bases, work) : inParts(program.parts, work);
    const built = join(work, 'executable');
    buildWithPkg({ main, assets, platform, bases, work, built });
    mustHoldProgram(built);
    copyFileSync(built, outfile);
    chmodSync(outfile, 0o755);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

// pkg looks for the bases in its download cache below the home folder, so a home of its own with that cache filled
// makes it use exactly ours, without a connection. It works in a folder below that of temporary files, from where the
// files of the program are one up: what becomes part of the program is the same in every folder.
function buildWithPkg({ main, assets, platform, bases, work, built }) {
  fillDownloadCache(join(work, '.pkg-cache', 'sea'), bases);
  const inside = (file) => `../${file}`;
  const settings = {
    main: join(work, main),
    targets: [{ nodeRange: `node${NODE_VERSION}`, platform, arch: 'x64', output: built }],
    seaConfig: {
      main: inside(main),
      assets: Object.fromEntries(Object.entries(assets).map(([name, file]) => [name, inside(file)])),
      disableExperimentalSEAWarning: true,
      useSnapshot: false,
      useCodeCache: false,
      execArgvExtension: 'none',
      execArgv: [`--openssl-config=${NULL_DEVICE[platform]}`, SMALL_HEAP],
    },
  };
  const file = join(work, 'settings.json');
  writeFileSync(file, JSON.stringify(settings));
  const places = { HOME: work, USERPROFILE: work, TMPDIR: work, TEMP: work };
  runNode(bases, [inRoot('scripts/package/pkg.cjs'), file], places);
}

function fillDownloadCache(cache, bases) {
  const entries = [
    { archive: `node-v${NODE_VERSION}-win-x64.zip`, binary: `node-v${NODE_VERSION}-win-x64.exe`, from: bases.win },
    {
      archive: `node-v${NODE_VERSION}-linux-x64.tar.gz`,
      binary: `node-v${NODE_VERSION}-linux-x64/bin/node`,
      from: bases.linux,
    },
  ];
  for (const { archive, binary, from } of entries.filter(({ from }) => from !== undefined)) {
    const target = join(cache, binary);
    mkdirSync(join(target, '..'), { recursive: true });
    // pkg's own marks for "downloaded and checked" and "unpacked".
    for (const file of [archive, `${archive}.ok`, `${binary}.ok`]) writeFileSync(join(cache, file), '');
    copyFileSync(from, target);
    chmodSync(target, 0o755);
  }
}

function inParts(parts, folder) {
  const write = (file, text) => {
    writeFileSync(join(folder, file), text, 'latin1');
    return file;
  };
  const assets = Object.entries(parts.texts).map(([name, text]) => [name, write(basename(name), text)]);
  return { main: write('start.cjs', fromAssets(parts)), assets: Object.fromEntries(assets) };
}

/**
 * V8 lets its heap grow by so many percent of what is in use before it collects, instead of to four times that: a server
 * has other things to do with its memory (docs/evidence/performance.md).
 */
export const SMALL_HEAP = '--heap-growing-percent=30';

// The order of what V8 compiled is by random hashes, which a fixed seed makes the same in every build.
const SAME_ORDER = '--random-seed=1';

// What V8 makes of the program beforehand (the code cache) saves it from reading all of the bundle at each start. It
// holds for one platform, that of the building machine, and would be refused with a warning on another. It is made of a
// start that finds nothing to do, the second on its server: the first makes folders that later ones find.
function withCodeCache(bundle, bases, folder) {
  const [program, cache] = [join(folder, 'program.cjs'), join(folder, 'program.cache')];
  const text = demandAscii(basename(bundle), readFileSync(bundle, 'utf8')).replace(/^#!.*/, '');
  writeFileSync(program, `(function (exports, require, module, __filename, __dirname) {${text}\n})`, 'latin1');
  copyFileSync(inRoot('scripts/package/start.cjs'), join(folder, 'start.cjs'));
  const started = mkdtempSync(join(tmpdir(), 'certrebind-package-'));
  try {
    const lab = join(started, 'lab');
    const onEvent = ['on-event', '--record', '1'];
    runNode(bases, [bundle, 'lab', 'create', lab]);
    runNode(bases, [bundle, ...onEvent], { CERTREBIND_LAB: lab });
    const codeCache = inRoot('scripts/package/code-cache.cjs');
    // V8 refuses a cache that was made with other settings.
    runNode(bases, [SAME_ORDER, SMALL_HEAP, codeCache, program, cache, ...onEvent], { CERTREBIND_LAB: lab });
  } finally {
    rmSync(started, { recursive: true, force: true });
  }
  return { main: 'start.cjs', assets: { program: basename(program), cache: basename(cache) } };
}

// A tool that fails half-way can leave a plain Node behind, which would run any file it is given.
function mustHoldProgram(path) {
  if (!readFileSync(path).includes(`${FUSE}:1`)) throw new Error(`${path} holds no program; it is not handed out`);
}

function runNode(bases, args, env, cwd) {
  const node = process.platform === 'win32' ? bases.win : bases.linux;
  const { status, stdout, stderr, error } = spawnSync(node, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...env, NODE_OPTIONS: '' },
  });
  if (status !== 0)
    throw new Error(`${basename(args[0])} failed (${status}): ${error?.message ?? ''}${stdout}${stderr}`);
}
