import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { areFresh } from '../../scripts/docs/printed-schemas.ts';

const root = join(import.meta.dirname, '../..');
const validators = new Map<string, ValidateFunction>();

/** Holds a document that a command printed against its schema, which must know every property of it. */
export function checkPrinted(document: unknown): void {
  assert.ok(typeof document === 'object' && document !== null && 'schema' in document, 'a document without its name');
  const [, name = ''] = /^certrebind\/([a-z-]+)\/\d+$/.exec(String(document.schema)) ?? [];
  // What comes back in has a schema of its own, which the program itself checks.
  if (['snapshot', 'support'].includes(name)) return;
  const validate = validators.get(name) ?? compile(name);
  assert.ok(validate(document), `${name}: ${JSON.stringify(validate.errors?.slice(0, 3))}`);
}

function compile(name: string): ValidateFunction {
  if (validators.size === 0 && !areFresh()) makeSchemas();
  const schema: unknown = JSON.parse(readFileSync(join(root, 'schemas', 'printed', `${name}.json`), 'utf8'));
  const ajv = new Ajv({ strict: false, code: { optimize: false } });
  addFormats.default(ajv);
  const validate = ajv.compile(Object(closed(schema)));
  validators.set(name, validate);
  return validate;
}

/** In a process of its own, since it is waited for here. */
function makeSchemas(): void {
  const make = "await (await import('./scripts/docs/printed-schemas.ts')).makeSchemas()";
  const words = ['--import', './scripts/dev/register.mjs', '--input-type=module', '--eval', make];
  execFileSync(process.execPath, words, { cwd: root });
}

/** The same schema, where each object has no property but those that are named. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const parts = Object.fromEntries(Object.entries(schema).map(([name, part]) => [name, closed(part)]));
  return 'properties' in schema && !('additionalProperties' in schema)
    ? { ...parts, additionalProperties: false }
    : parts;
}
