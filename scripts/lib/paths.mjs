// Where things are in the repository, for every script here.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const inRoot = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export const ROOT = inRoot('.');
export const DIST = inRoot('dist');
export const SCHEMAS = inRoot('schemas');
export const GENERATED = inRoot('src/documents/generated');
export const NODE_MODULES = inRoot('node_modules');
export { inRoot };

export function readOrEmpty(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Relative to the repository, with slashes, sorted; folders among them. */
export function filesBelow(folder) {
  return readdirSync(inRoot(folder), { recursive: true })
    .map((file) => join(folder, file).replaceAll('\\', '/'))
    .sort();
}
