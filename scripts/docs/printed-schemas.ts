// The JSON Schema of every document that is printed, from the types of the program: schemas/printed/, which a release brings and
// the tests hold documents against. TypeScript reads the whole program for it, so it is made only when a source has changed.

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Schema } from 'ts-json-schema-generator';
import { sourcesFingerprint } from '../lib/fingerprint.mjs';
import { withLock } from '../lib/lock.mjs';
import { DIST, inRoot } from '../lib/paths.mjs';
import { writeIfChanged } from '../lib/write-if-changed.mjs';

const folder: string = inRoot('schemas/printed');
const stamp = join(DIST, 'meta', 'printed-stamp');
const reads = [
  'src',
  'scripts/docs/printed.ts',
  'scripts/docs/printed-schemas.ts',
  'tsconfig.json',
  'package-lock.json',
];

/** By several programs at once: one works, the others wait and find it done. */
export async function makeSchemas(): Promise<void> {
  if (!areFresh()) await withLock(join(DIST, '.schemas-lock'), makeThem);
}

export function areFresh(): boolean {
  return existsSync(folder) && existsSync(stamp) && readFileSync(stamp, 'utf8') === sourcesFingerprint(reads);
}

async function makeThem(): Promise<void> {
  if (areFresh()) return;
  const sources = sourcesFingerprint(reads);
  const schemas = Object.entries(await printed());
  rmSync(folder, { recursive: true, force: true });
  for (const [name, schema] of schemas)
    writeIfChanged(join(folder, `${name}.json`), `${JSON.stringify(documentSchema(name, schema), null, 2)}\n`);
  writeIfChanged(stamp, sources);
}

async function printed(): Promise<Readonly<Record<string, Schema | boolean>>> {
  const { createGenerator } = await import('ts-json-schema-generator');
  const generator = createGenerator({
    path: inRoot('scripts/docs/printed.ts'),
    tsconfig: inRoot('tsconfig.json'),
    type: 'Printed',
    skipTypeCheck: true,
    expose: 'none',
    topRef: false,
    jsDoc: 'extended',
    // Later versions may add properties, and readers should ignore those that they do not know.
    additionalProperties: true,
  });
  return generator.createSchema('Printed').properties ?? {};
}

function documentSchema(name: string, schema: Schema | boolean): object {
  if (typeof schema === 'boolean') throw new TypeError(`${name} has no shape`);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: `printed-${name}.schema.json`,
    title: `What CertRebind prints with --json as certrebind/${name}`,
    ...schema,
  };
}
