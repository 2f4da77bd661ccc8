// `node --import ./scripts/dev/register.mjs src/cli-lab.ts` runs from source as the bundle would run: TypeScript, the
// constants of the bundler and PowerShell scripts imported as text.

import { readFileSync } from 'node:fs';
import { register } from 'node:module';
import 'tsx';
import { inRoot } from '../lib/paths.mjs';
import { moduleFiles } from '../package/module-files.mjs';

globalThis.APP_VERSION = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')).version;
/** Made once: each installation reads them all. */
let files;
Object.defineProperty(globalThis, 'MODULE_FILES', {
  get: () => (files ??= JSON.stringify(moduleFiles(globalThis.APP_VERSION))),
  // In a copy of the tree, which mutants are made in, this runs once more.
  configurable: true,
});
register('./text-loader.mjs', import.meta.url);
