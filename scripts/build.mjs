// build.mjs: generates the validators and the views of the module, and bundles each program into one CommonJS file in
// dist/. Usually run through ensure.mjs, which knows whether it is needed.

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build as bundle } from 'esbuild';
import { generateValidators } from './generate-validators.mjs';
import { DIST, inRoot, ROOT } from './lib/paths.mjs';
import { writeIfChanged } from './lib/write-if-changed.mjs';
import { moduleFiles } from './package/module-files.mjs';
import { writeViews } from './package/module-views.mjs';

/** The programs: what becomes the executable on a server, and the same with the lab. */
const PROGRAMS = { certrebind: 'src/cli.ts', 'certrebind-lab': 'src/cli-lab.ts' };

// yargs looks for its translations and for a package.json from import.meta.url, which CommonJS does not have. It is told a
// place where nothing is and nobody can put anything: below a file on Windows, in the folder of processes elsewhere.
const BANNER = `#!/usr/bin/env node
'use strict';
const __moduleUrl = require('node:url').pathToFileURL(
  (process.platform === 'win32' ? process.execPath : '/proc') + '/none/node_modules/yargs/lib/shims',
).href;`;

export async function build({ say }) {
  const started = Date.now();
  await generateValidators();
  writeViews();
  // What tests keep of the compiled code of former bundles (test/support/code-cache.cjs).
  rmSync(inRoot('.cache/code'), { recursive: true, force: true });
  for (const name of Object.keys(PROGRAMS)) {
    const { text, metafile } = await bundled(name);
    writeIfChanged(join(DIST, `${name}.cjs`), text, { mode: 0o755 });
    writeIfChanged(join(DIST, 'meta', `${name}.json`), `${JSON.stringify(metafile, null, 1)}\n`);
  }
  say(`built ${Object.keys(PROGRAMS).join(', ')} in ${Date.now() - started} ms`);
}

/** The text of the program for servers, with the signature of its adapter and the signed module in it. */
export async function programForServers({ adapterSignature, files }) {
  const constants = { ADAPTER_SIGNATURE: JSON.stringify(adapterSignature), MODULE_FILES: inText(files) };
  return (await bundled('certrebind', constants)).text;
}

// A text within the program: an object would be made at every start, since the bundler puts it before all modules.
function inText(files) {
  return JSON.stringify(JSON.stringify(files));
}

async function bundled(name, constants = {}) {
  const { version } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));
  const { outputFiles, metafile } = await bundle({
    absWorkingDir: ROOT,
    entryPoints: [PROGRAMS[name]],
    outdir: DIST,
    write: false,
    metafile: true,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    // Parts of Node that are loaded late need no loader of modules then, which would have to be loaded first.
    supported: { 'dynamic-import': false },
    minify: true,
    // Error and class names are part of messages.
    keepNames: true,
    legalComments: 'none',
    logLevel: 'warning',
    loader: { '.ps1': 'text' },
    banner: { js: BANNER },
    define: {
      APP_VERSION: JSON.stringify(version),
      MODULE_FILES: inText(moduleFiles(version)),
      'import.meta.url': '__moduleUrl',
      ...constants,
    },
  });
  return { text: outputFiles[0].text, metafile };
}

if (process.argv[1] === import.meta.filename) {
  await build({ say: (text) => process.stderr.write(`certrebind: ${text}\n`) });
}
