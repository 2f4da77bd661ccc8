// Turns schemas/*.json into functions, so that programs start without compiling a schema and contain no `new Function`.
// The result is one ES module without imports plus its types: what tsc, tsx and esbuild all take as it is.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import addFormats from 'ajv-formats';
import { build as bundle } from 'esbuild';
import { GENERATED, ROOT, SCHEMAS } from './lib/paths.mjs';
import { writeIfChanged } from './lib/write-if-changed.mjs';

/** Writes validators.js and validators.d.ts: one export for each schema, named after its `$id`. */
export async function generateValidators() {
  const schemas = readSchemas();
  const ids = new Map(schemas.map(({ $id }) => [validatorName($id), $id]));
  if (ids.size !== schemas.length) throw new Error(`two schemas lead to the same name: ${[...ids.keys()].join(', ')}`);
  writeIfChanged(join(GENERATED, 'validators.js'), await validatorsModule(schemas, ids));
  writeIfChanged(join(GENERATED, 'validators.d.ts'), declarations([...ids.keys()]));
}

/** `plan.schema.json`, or any address that ends so, is checked by `validatePlan`. */
function validatorName(id) {
  const [, stem] = /([a-z0-9-]+)(?:\.schema)?(?:\.json)?#?$/i.exec(id) ?? [];
  if (stem === undefined) throw new Error(`no name can be made from the $id '${id}'`);
  const words = stem.split('-').map((word) => word[0].toUpperCase() + word.slice(1));
  return `validate${words.join('')}`;
}

function readSchemas() {
  if (!existsSync(SCHEMAS)) return [];
  const files = readdirSync(SCHEMAS).filter((name) => name.endsWith('.json'));
  return files.sort().map((name) => {
    const schema = JSON.parse(readFileSync(join(SCHEMAS, name), 'utf8'));
    if (typeof schema.$id !== 'string') throw new Error(`schemas/${name} has no $id`);
    return schema;
  });
}

async function validatorsModule(schemas, ids) {
  if (ids.size === 0) return 'export {};\n';
  // A loop over the required properties instead of code for each: a sixth less to read at every start.
  const ajv = new Ajv({ schemas, allErrors: true, strict: true, loopRequired: 1, code: { source: true, esm: true } });
  addFormats.default(ajv);
  const source = standaloneCode.default(ajv, Object.fromEntries(ids));
  // ajv leaves calls of require() even in its ES modules; bundling puts the few functions behind them in the file.
  const { outputFiles } = await bundle({
    stdin: { contents: source, resolveDir: ROOT, loader: 'js' },
    bundle: true,
    write: false,
    platform: 'neutral',
    mainFields: ['main'],
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
    banner: { js: '// Generated from schemas/ by scripts/generate-validators.mjs.' },
  });
  return outputFiles[0].contents;
}

function declarations(names) {
  if (names.length === 0) return 'export {};\n';
  return [
    "import type { ValidateFunction } from 'ajv';",
    '',
    ...names.map((name) => `export declare const ${name}: ValidateFunction;`),
    '',
  ].join('\n');
}
