// One program and one base become one executable. pkg builds it, from a script of ours, because it takes settings that its
// command line has no way to pass: no NODE_OPTIONS (execArgvExtension), no openssl.cnf from anywhere, a small heap (execArgv).

import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { inRoot } from '../lib/paths.mjs';
import { CACHE, NODE_VERSION } from './bases.mjs';

const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
const NULL_DEVICE = { linux: '/dev/null', win: 'NUL' };

/**
 * @param program its text, one CommonJS file
 * @param platform 'linux' or 'win'
 * @param bases { linux, win }: paths of the prepared base binaries, those of the platform and of the building machine, which runs
 *   the tools
 * @param outfile where the executable is written
 */
export function makeExecutable({ program, platform, bases, outfile }) {
  const work = mkdtempSync(join(CACHE, 'work-'));
  try {
    writeFileSync(join(work, 'program.cjs'), program);
    const built = join(work, 'executable');
    buildWithPkg({ platform, bases, work, built });
    // A tool that fails half-way can leave a plain Node behind, which would run any file it is given.
    if (!readFileSync(built).includes(`${FUSE}:1`)) throw new Error(`${built} holds no program; it is not handed out`);
    copyFileSync(built, outfile);
    chmodSync(outfile, 0o755);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

// pkg looks for the bases in its download cache below the home folder, so a home of its own with that cache filled
// makes it use exactly ours, without a connection. It works in a folder below that of temporary files, from where the
// program is one up: what becomes part of the executable is the same in every folder.
function buildWithPkg({ platform, bases, work, built }) {
  fillDownloadCache(join(work, '.pkg-cache', 'sea'), bases);
  const settings = {
    main: join(work, 'program.cjs'),
    targets: [{ nodeRange: `node${NODE_VERSION}`, platform, arch: 'x64', output: built }],
    seaConfig: {
      main: '../program.cjs',
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

/**
 * V8 lets its heap grow by so many percent of what is in use before it collects, instead of to four times that: a server
 * has other things to do with its memory (docs/evidence/performance.md).
 */
export const SMALL_HEAP = '--heap-growing-percent=30';

function runNode(bases, args, env) {
  const node = process.platform === 'win32' ? bases.win : bases.linux;
  const { status, stdout, stderr, error } = spawnSync(node, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env, NODE_OPTIONS: '' },
  });
  if (status !== 0)
    throw new Error(`${basename(args[0])} failed (${status}): ${error?.message ?? ''}${stdout}${stderr}`);
}
