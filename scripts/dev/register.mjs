// `node --import ./scripts/dev/register.mjs src/cli-lab.ts` runs from source as the bundle would run: TypeScript, the
// version constant and PowerShell scripts imported as text.

import { readFileSync } from 'node:fs';
import { register } from 'node:module';
import 'tsx';
import { inRoot } from '../lib/paths.mjs';

globalThis.APP_VERSION = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')).version;
register('./text-loader.mjs', import.meta.url);
