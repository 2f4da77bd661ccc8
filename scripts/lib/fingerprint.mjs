// One short text that changes whenever something that the build reads may have changed.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from './paths.mjs';

const BUILD_READS = ['src', 'module', 'schemas', 'scripts', 'package.json', 'package-lock.json', 'tsconfig.json'];
// What the build itself writes must not make it run again.
const GENERATED_FOLDERS = [join('src', 'documents', 'generated'), join('schemas', 'printed')];
const isGenerated = (path) => GENERATED_FOLDERS.includes(path) || path.endsWith('.ps1xml');

/** Names, sizes and times of sources: reads no content, so a few hundred files cost a few milliseconds. */
export function sourcesFingerprint(paths = BUILD_READS) {
  const hash = createHash('sha256');
  for (const path of paths) addTo(hash, path);
  return hash.digest('hex');
}

/** What decides which packages are installed: the lock file, and the platform because some packages hold binaries. */
export function packagesFingerprint() {
  return createHash('sha256')
    .update(readFileSync(inRoot('package-lock.json')))
    .update(`${process.platform}-${process.arch}`)
    .digest('hex');
}

function addTo(hash, path) {
  if (isGenerated(path)) return;
  const stat = statSync(inRoot(path), { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isDirectory()) {
    hash.update(`${path}\0${stat.size}\0${stat.mtimeMs}\n`);
    return;
  }
  for (const name of readdirSync(inRoot(path)).sort()) addTo(hash, join(path, name));
}
