// build.mjs: generates the validators and bundles each program into one CommonJS file in dist/. Usually run through
// ensure.mjs, which knows whether it is needed.

import { readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { build as bundle } from 'esbuild';
import { generateValidators } from './generate-validators.mjs';
import { asCommonJs, inOneFile } from './lib/parts.mjs';
import { DIST, inRoot, ROOT } from './lib/paths.mjs';
import { writeIfChanged } from './lib/write-if-changed.mjs';
import { moduleFiles } from './package/module-files.mjs';

/**
 * The programs: what becomes the executable on a server, in parts, and the same with the lab. That one is whole, since the
 * binary for Linux holds what V8 made of it beforehand, which can only be made of a whole.
 */
const PROGRAMS = [
  { name: 'certrebind', entry: 'src/cli.ts', inParts: true },
  { name: 'certrebind-lab', entry: 'src/cli-lab.ts', inParts: false },
];

// yargs asks import.meta.url where it is, which does not exist in CommonJS; without this it dies at start, and the
// bundler says nothing because the place is in a package.
const BANNER = `#!/usr/bin/env node
const __moduleUrl = require('node:url').pathToFileURL(__filename).href;
`;

export async function build({ say }) {
  const started = Date.now();
  await generateValidators();
  // What tests keep of the compiled code of former bundles (test/support/code-cache.cjs).
  rmSync(inRoot('.cache/code'), { recursive: true, force: true });
  for (const program of PROGRAMS) await bundleProgram(program, join(DIST, `${program.name}.cjs`));
  say(`built ${PROGRAMS.map(({ name }) => name).join(', ')} in ${Date.now() - started} ms`);
}

/** Bundles the program for servers once more, with the signature of its adapter and the signed module in it. */
export async function buildWithSignatures({ adapterSignature, files }, outfile) {
  const constants = { ADAPTER_SIGNATURE: JSON.stringify(adapterSignature), MODULE_FILES: inText(files) };
  await bundleProgram(PROGRAMS[0], outfile, constants);
}

// A text within the program: an object would be made at every start, since the bundler puts it before all modules.
function inText(files) {
  return JSON.stringify(JSON.stringify(files));
}

async function bundleProgram({ name, entry, inParts }, outfile, constants = {}) {
  const { version } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));
  const { outputFiles, metafile } = await bundle({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    outdir: dirname(outfile),
    write: false,
    metafile: true,
    bundle: true,
    platform: 'node',
    target: 'node20',
    minify: true,
    ...(inParts ? { format: 'esm', splitting: true } : asCommonJs),
    // Error and class names are part of messages.
    keepNames: true,
    legalComments: 'none',
    logLevel: 'warning',
    loader: { '.ps1': 'text' },
    define: {
      APP_VERSION: JSON.stringify(version),
      MODULE_FILES: inText(moduleFiles(version)),
      'import.meta.url': '__moduleUrl',
      ...constants,
    },
    alias: {
      'string-width': inRoot('scripts/shims/string-width.mjs'),
      y18n: inRoot('scripts/shims/y18n.mjs'),
      'escalade/sync': inRoot('scripts/shims/escalade.mjs'),
    },
  });
  const text = inParts ? inOneFile(outputFiles, basename(entry).replace('.ts', '.js')) : outputFiles[0].text;
  writeIfChanged(outfile, BANNER + text, { mode: 0o755 });
  writeIfChanged(join(DIST, 'meta', `${name}.json`), `${JSON.stringify(metafile, null, 1)}\n`);
}

if (process.argv[1] === import.meta.filename) {
  await build({ say: (text) => process.stderr.write(`certrebind: ${text}\n`) });
}
