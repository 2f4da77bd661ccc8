// A zip of a folder whose bytes depend on the files' names and content alone: fixed order, fixed time.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';

// The earliest time the format can hold; also the one that no clock or time zone changes.
const NO_TIME = new Date(1980, 0, 1, 0, 0, 0);

/** @returns the bytes of a zip with everything below `folder`, named from there with forward slashes, below `under` */
export function zipOf(folder, under = '') {
  const entries = {};
  for (const name of filesBelow(folder))
    entries[`${under}${name}`] = [readFileSync(join(folder, name)), { level: 6, mtime: NO_TIME, os: 0 }];
  return zipSync(entries);
}

/** Paths of all files below a folder, sorted, with forward slashes. */
export function filesBelow(folder, prefix = '') {
  return readdirSync(join(folder, prefix))
    .sort()
    .flatMap((name) => {
      const path = prefix === '' ? name : `${prefix}/${name}`;
      return statSync(join(folder, path)).isDirectory() ? filesBelow(folder, path) : [path];
    });
}
