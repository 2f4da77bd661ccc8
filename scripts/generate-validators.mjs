// Turns the schemas of documents into functions, so that programs start without compiling a schema and contain no `new Function`.
// Each gets a module of its own with its types, so that a start loads those that it needs: what tsc, tsx and esbuild all
// take as it is.

import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Ajv } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import addFormats from 'ajv-formats';
import { build as bundle } from 'esbuild';
import { madeSchemas, makeDocumentSchemas } from './document-schemas.mjs';
import { GENERATED, ROOT, SCHEMAS } from './lib/paths.mjs';
import { writeIfChanged } from './lib/write-if-changed.mjs';

/** For a schema with the `$id` `plan.schema.json`, or any address that ends so: validate-plan.js exports `validatePlan`. */
export async function generateValidators() {
  // A loop over the required properties instead of code for each, and functions for what is used again and again: a quarter
  // less to read at every start.
  const options = { allErrors: true, strict: true, loopRequired: 1, inlineRefs: 5, code: { source: true, esm: true } };
  await makeDocumentSchemas();
  const schemas = readSchemas();
  const ajv = new Ajv({ schemas, ...options });
  addFormats.default(ajv);
  const modules = new Map();
  for (const { $id } of schemas) {
    const stem = stemOf($id);
    if (modules.has(stem)) throw new Error(`two schemas lead to the same name: ${stem}`);
    const words = stem.split('-').map((word) => word[0].toUpperCase() + word.slice(1));
    const name = `validate${words.join('')}`;
    modules.set(stem, { name, source: standaloneCode.default(ajv, { [name]: $id }) });
  }
  const files = await bundled(modules);
  const types = "import type { ValidateFunction } from 'ajv';";
  for (const [stem, { name }] of modules)
    files.set(`validate-${stem}.d.ts`, `${types}\n\nexport declare const ${name}: ValidateFunction;\n`);
  for (const [file, text] of files) writeIfChanged(join(GENERATED, file), text);
  for (const file of readdirSync(GENERATED))
    if (file !== 'schemas.json' && !files.has(file)) rmSync(join(GENERATED, file));
}

function stemOf(id) {
  const [, stem] = /(?:^|\/)([a-z0-9-]+)(?:\.schema)?(?:\.json)?#?$/.exec(id) ?? [];
  if (stem === undefined) throw new Error(`no name can be made from the $id '${id}'`);
  return stem;
}

/** Those made from types, and what is in schemas/ with what holders of each kind hold. */
export function readSchemas() {
  if (!existsSync(SCHEMAS)) return [];
  const files = readdirSync(SCHEMAS).filter((name) => name.endsWith('.json'));
  const written = files.sort().map((name) => {
    const schema = readJson(join(SCHEMAS, name));
    if (typeof schema.$id !== 'string') throw new Error(`schemas/${name} has no $id`);
    if (name === 'common.json') schema.definitions.holder.oneOf.push(...schemasOfKinds());
    return schema;
  });
  return [...written, ...madeSchemas()];
}

/** What holders of each kind hold, from their folders. */
function schemasOfKinds() {
  const folders = join(ROOT, 'src', 'kinds');
  const paths = readdirSync(folders).map((kind) => join(folders, kind, 'schema.json'));
  return paths.filter(existsSync).sort().map(readJson);
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/**
 * ajv leaves calls of require() even in its ES modules; bundling puts the few functions behind them in a file that the
 * others import.
 */
async function bundled(modules) {
  const given = { filter: /^validate-/, namespace: 'given' };
  const { outputFiles } = await bundle({
    entryPoints: [...modules.keys()].map((stem) => `validate-${stem}`),
    plugins: [
      {
        name: 'given',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: given.filter }, ({ path }) => ({ path, namespace: given.namespace }));
          onLoad(given, ({ path }) => ({
            contents: modules.get(path.slice('validate-'.length)).source,
            resolveDir: ROOT,
          }));
        },
      },
    ],
    outdir: GENERATED,
    entryNames: '[name]',
    chunkNames: 'shared-[hash]',
    bundle: true,
    splitting: true,
    write: false,
    platform: 'neutral',
    mainFields: ['main'],
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
    banner: { js: '// Generated from types and schemas/ by scripts/generate-validators.mjs.' },
  });
  return new Map(outputFiles.map(({ path, text }) => [basename(path), text]));
}
