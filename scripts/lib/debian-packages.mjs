// Packages of Debian, unpacked into a folder: nothing of the machine is changed, and nothing that a package would start
// when it is installed is started.

import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { demand } from './program.mjs';

/**
 * Unpacks packages with what they depend on, but for what the machine has installed already.
 * @param folder where archives and the files of the packages are put
 * @returns the root of these files, as `/` would be
 * @throws Error when apt-get or dpkg-deb is missing or fails
 */
export async function unpackDebian(folder, names) {
  const archives = join(folder, 'archives');
  const root = join(folder, 'root');
  mkdirSync(join(archives, 'partial'), { recursive: true });
  mkdirSync(join(root, 'usr'), { recursive: true });
  const quietly = ['-qq', '-o', 'Debug::NoLocking=1', '-o', `Dir::Cache::archives=${archives}`];
  await demand('apt-get', ['install', '--download-only', '--yes', '--no-install-recommends', ...quietly, ...names]);
  for (const archive of readdirSync(archives).filter((file) => file.endsWith('.deb')))
    await demand('dpkg-deb', ['--extract', join(archives, archive), root]);
  return root;
}

/** Of a package that was unpacked there, as apt-get names its archive; `null` for what the machine had already. */
export function versionOf(folder, name) {
  const archive = readdirSync(join(folder, 'archives')).find((file) => file.startsWith(`${name}_`));
  return archive === undefined ? null : decodeURIComponent(archive.split('_')[1]);
}

/**
 * The words that start a program as if the packages were installed: it alone sees their files below `/usr`. It becomes the
 * process that was started, so it is ended by its id. Needs root, and a kernel that mounts overlays.
 */
export function asIfInstalled(root, words) {
  const mount = 'mount -t overlay overlay -o lowerdir="$0/usr:/usr" /usr && exec "$@"';
  return ['unshare', '--mount', 'sh', '-c', mount, root, ...words];
}
