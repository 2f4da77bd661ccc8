// build.mjs: generates the validators and the views of the module, and bundles each program into one CommonJS file in
// dist/. Usually run through ensure.mjs, which knows whether it is needed.

import { readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build as bundle } from 'esbuild';
import { generateValidators } from './generate-validators.mjs';
import { asCommonJs, BANNER, inOneFile, partsFrom } from './lib/parts.mjs';
import { DIST, inRoot, ROOT } from './lib/paths.mjs';
import { writeIfChanged } from './lib/write-if-changed.mjs';
import { moduleFiles } from './package/module-files.mjs';
import { writeViews } from './package/module-views.mjs';

/** The programs: what becomes the executable on a server, and the same with the lab. */
const PROGRAMS = {
  certrebind: { entry: 'src/cli.ts', inParts: true },
  // The binary for Linux and tests start it with what V8 made of it before, which is quickest of a whole.
  'certrebind-lab': { entry: 'src/cli-lab.ts', inParts: false },
};

export async function build({ say }) {
  const started = Date.now();
  await generateValidators();
  writeViews();
  // What tests keep of the compiled code of former bundles (test/support/code-cache.cjs).
  rmSync(inRoot('.cache/code'), { recursive: true, force: true });
  for (const [name, { inParts }] of Object.entries(PROGRAMS)) {
    const { outputFiles, metafile } = await bundled(name, inParts ? asParts : asCommonJs);
    const text = inParts ? inOneFile(partsFrom(outputFiles, entryOf(name))) : BANNER + outputFiles[0].text;
    writeIfChanged(join(DIST, `${name}.cjs`), text, { mode: 0o755 });
    writeIfChanged(join(DIST, 'meta', `${name}.json`), `${JSON.stringify(metafile, null, 1)}\n`);
  }
  say(`built ${Object.keys(PROGRAMS).join(', ')} in ${Date.now() - started} ms`);
}

/** The parts of the program for servers, with the signature of its adapter and the signed module in them. */
export async function partsForServers({ adapterSignature, files }) {
  const constants = { ADAPTER_SIGNATURE: JSON.stringify(adapterSignature), MODULE_FILES: inText(files) };
  const { outputFiles } = await bundled('certrebind', asParts, constants);
  return partsFrom(outputFiles, entryOf('certrebind'));
}

const asParts = { format: 'esm', splitting: true };

function entryOf(name) {
  return basename(PROGRAMS[name].entry).replace('.ts', '.js');
}

// A text within the program: an object would be made at every start, since the bundler puts it before all modules.
function inText(files) {
  return JSON.stringify(JSON.stringify(files));
}

function bundled(name, format, constants = {}) {
  const { version } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));
  return bundle({
    absWorkingDir: ROOT,
    entryPoints: [PROGRAMS[name].entry],
    outdir: DIST,
    write: false,
    metafile: true,
    bundle: true,
    platform: 'node',
    target: 'node20',
    minify: true,
    ...format,
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
}

if (process.argv[1] === import.meta.filename) {
  await build({ say: (text) => process.stderr.write(`certrebind: ${text}\n`) });
}
