// The suites for Windows: the folders of test/windows/suites.

import { readdirSync } from 'node:fs';
import { inRoot } from './paths.mjs';

export function suiteNames() {
  return readdirSync(inRoot('test/windows/suites'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}
