// The files for winget, Chocolatey and the others, with what only a build knows.

import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inRoot } from '../lib/paths.mjs';
import { NOWHERE } from './module-files.mjs';
import { filesBelow } from './zip.mjs';

const SOURCE = inRoot('packaging');
/** Where the scripts of each way expect the executable. */
const WITH_PROGRAM = ['ansible/files', 'chocolatey/tools', 'group-policy', 'intune'];
const NO_HASH = '0'.repeat(64);
const NO_VERSION = '0.1.0';

/**
 * Replaces a folder by the files of packaging/ filled in.
 * @param about { version, exe: SHA-256 of the executable, homepage: where the project is published, program: the executable,
 * which is linked to where it is needed, and licences: the text that goes with it }
 */
export function writeFilledIn(
  folder,
  { version, exe, homepage = process.env.CERTREBIND_HOMEPAGE ?? NOWHERE, program, licences },
) {
  rmSync(folder, { recursive: true, force: true });
  for (const name of filesBelow(SOURCE)) {
    const text = readFileSync(join(SOURCE, name), 'utf8')
      .replaceAll(NOWHERE, homepage.replace(/\/$/, ''))
      .replaceAll(NO_VERSION, version)
      .replaceAll(NO_HASH, exe.toUpperCase());
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  if (program === undefined) return;
  for (const place of WITH_PROGRAM) {
    mkdirSync(join(folder, place), { recursive: true });
    linkSync(program, join(folder, place, 'certrebind.exe'));
  }
  writeFileSync(join(folder, 'chocolatey/tools/LICENSE.txt'), licences);
}
