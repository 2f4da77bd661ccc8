// The files for winget, Chocolatey and the others, with what only a build knows. The folder lies beside the one executable.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inRoot } from '../lib/paths.mjs';
import { NOWHERE } from './module-files.mjs';
import { filesBelow } from './zip.mjs';

const SOURCE = inRoot('packaging');
const NO_HASH = '0'.repeat(64);
/** In the sources, as no release has it. */
const NO_VERSION = '0.0.0';

/**
 * The files of packaging/ filled in: texts by name.
 * @param about { version, exe: SHA-256 of the executable, homepage: where the project is published, licences: the text that
 * goes with the executable in a package }
 */
export function filledIn({ version, exe, homepage = process.env.CERTREBIND_HOMEPAGE ?? NOWHERE, licences = '' }) {
  const texts = filesBelow(SOURCE).map((name) => [
    name,
    readFileSync(join(SOURCE, name), 'utf8')
      .replaceAll(NOWHERE, homepage.replace(/\/$/, ''))
      .replaceAll(NO_VERSION, version)
      .replaceAll(NO_HASH, exe.toUpperCase()),
  ]);
  return { ...Object.fromEntries(texts), 'chocolatey/tools/LICENSE.txt': licences };
}

/** Replaces a folder by these files. */
export function writeFilledIn(folder, about) {
  rmSync(folder, { recursive: true, force: true });
  for (const [name, text] of Object.entries(filledIn(about))) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}
