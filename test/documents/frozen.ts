import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ValidateFunction } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import addFormats from 'ajv-formats';
import { readSchemas } from '../../scripts/generate-validators.mjs';

interface Schema {
  readonly [keyword: string]: unknown;
}

/** The name and number of what a schema describes, for example `outcome/2`; `null` where none is promised. */
function numberIn(schema: unknown): string | null {
  for (const [, value] of entriesBelow(schema)) {
    const [, number = null] = /^certrebind\/([a-z-]+\/\d+)$/.exec(String(value)) ?? [];
    if (number !== null) return number;
  }
  return null;
}

function* entriesBelow(value: unknown): Generator<readonly [name: string, value: unknown]> {
  for (const [name, below] of Object.entries(typeof value === 'object' && value !== null ? value : {})) {
    yield [name, below];
    yield* entriesBelow(below);
  }
}

/** The schemas that the program works with, each whole by itself, by the number of its document. */
export function workingSchemas(): ReadonlyMap<string, Schema> {
  const schemas: readonly Schema[] = readSchemas();
  const all = new Map(schemas.map((schema) => [String(schema.$id), schema]));
  const whole = [...all].flatMap(([id, schema]) => {
    const number = numberIn(schema);
    return number === null ? [] : [[number, standalone(id, all)] as const];
  });
  return new Map(whole);
}

/** Left out of a promise: what is said to people, and the order in which it is written. */
const saysNothing = ['$id', '$schema', '$comment', 'title', 'description', 'deprecated', 'examples', 'definitions'];

function standalone(id: string, all: ReadonlyMap<string, Schema>): Schema {
  const definitions: Record<string, unknown> = {};

  function refer(reference: string, from: string): string {
    const [file, pointer = ''] = reference.split('#');
    const target = file === '' ? from : String(file);
    const name = `${target.replace('.schema.json', '')}${pointer.replaceAll('/', '.').replace('.definitions', '')}`;
    if (!(name in definitions)) {
      definitions[name] = {};
      const steps = pointer.split('/').slice(1);
      const found = steps.reduce((part: unknown, step) => Object(part)[step], all.get(target));
      assert.ok(found !== undefined, `${from} refers to ${reference}, which is not there`);
      definitions[name] = copied(found, target);
    }
    return `#/definitions/${name}`;
  }

  function copied(value: unknown, from: string, isProperties = false): unknown {
    if (Array.isArray(value)) {
      const parts = value.map((part) => copied(part, from));
      return parts.every((part) => typeof part === 'string') ? parts.sort() : parts;
    }
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([name]) => isProperties || !saysNothing.includes(name))
        .map(([name, part]) => [
          name,
          name === '$ref' && !isProperties ? refer(String(part), from) : copied(part, from, name === 'properties'),
        ]),
    );
  }

  const body = Object(copied(all.get(id), id));
  return Object.keys(definitions).length === 0 ? body : { ...body, definitions };
}

/** What released versions promised: the schema of each number of a document, and what they wrote under it. */
export const promises = join(import.meta.dirname, '..', 'fixtures', 'documents');

const schemaOf = (folder: string, number: string) => join(folder, number, 'schema.json');
const samplesOf = (folder: string, number: string) => join(folder, number, 'samples.ndjson');

/** Promises the numbers that are not promised yet. One that is promised stays as it is. @returns those that are new */
export function freeze(
  folder: string,
  schemas: ReadonlyMap<string, Schema>,
  samples: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const fresh = [...schemas].filter(([number]) => !existsSync(schemaOf(folder, number)));
  for (const [number, schema] of fresh) {
    const lines = samples.get(number) ?? [];
    assert.ok(lines.length > 0, `certrebind/${number} has no sample: no test has a command write one, or read one`);
    mkdirSync(dirname(schemaOf(folder, number)), { recursive: true });
    writeFileSync(schemaOf(folder, number), `${JSON.stringify(schema)}\n`, { flag: 'wx' });
    writeFileSync(samplesOf(folder, number), lines.map((line) => `${line}\n`).join(''), { flag: 'wx' });
  }
  return fresh.map(([number]) => number);
}

/** Later versions add settings, and facts that an earlier one passes over: what was accepted stays accepted. */
const mayGrow = ['configuration', 'inventory'];

/** What does not keep a promise any more, a line each: a schema that differs, and a sample that is not read. */
export function brokenPromises(
  folder: string,
  schemas: ReadonlyMap<string, Schema>,
  read: (name: string, text: string) => unknown,
): readonly string[] {
  return promisedNumbers(folder).flatMap((number) => {
    const [name = ''] = number.split('/');
    const promised: unknown = JSON.parse(readFileSync(schemaOf(folder, number), 'utf8'));
    const now = schemas.get(number);
    const isKept =
      now === undefined ||
      (mayGrow.includes(name) ? taken(promised, now).length === 0 : isDeepStrictEqual(now, promised));
    const unread = readFileSync(samplesOf(folder, number), 'utf8')
      .split('\n')
      .filter(Boolean)
      .flatMap((line) => problemOf(() => read(name, line)));
    return [...(isKept ? [] : [`${number} is not what was promised`]), ...unread.map((why) => `${number}: ${why}`)];
  });
}

function problemOf(read: () => unknown): readonly string[] {
  try {
    read();
    return [];
  } catch (error) {
    return [String(error)];
  }
}

function promisedNumbers(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.flatMap((name) => /^(.+)[/\\]schema\.json$/.exec(name)?.[1]?.replaceAll('\\', '/') ?? []).sort();
}

/** What a schema no longer accepts that was promised, or accepts only with something that was not asked for. */
function taken(promised: unknown, now: unknown, at = ''): readonly string[] {
  if (typeof promised !== 'object' || promised === null) return promised === now ? [] : [at];
  if (Array.isArray(promised)) {
    const isThere = (word: unknown) => Array.isArray(now) && now.some((one) => isDeepStrictEqual(one, word));
    return promised.every(isThere) ? [] : [at];
  }
  const added = Object.keys(Object(now)).filter((name) => !(name in promised));
  const isList = /\/(properties|definitions)$/.test(at);
  return [
    ...Object.entries(promised).flatMap(([name, part]) => taken(part, Object(now)[name], `${at}/${name}`)),
    ...(isList ? [] : added.map((name) => `${at}/${name}`)),
    ...(at.endsWith('/required') ? [] : demanded(promised, now, at)),
  ];
}

/** What has to be there must not become more. */
function demanded(promised: object, now: unknown, at: string): readonly string[] {
  const [before = [], after = []] = [promised, now].map((schema): readonly unknown[] => Object(schema).required);
  return after.every((name) => before.includes(name)) ? [] : [`${at}/required`];
}

const validators = new Map<string, ValidateFunction>();

/** Why a document is not what its schema says, which has no property that the schema lacks; `null` if it is. */
export function whyInvalid(document: unknown, number: string): string | null {
  const validate = validators.get(number) ?? compiled(number);
  return validate(document) ? null : JSON.stringify(validate.errors?.slice(0, 3));
}

/** The name and number of a document; `null` for what is none of ours. */
export function numberOf(document: unknown): string | null {
  const schema = typeof document === 'object' && document !== null && 'schema' in document ? document.schema : null;
  return typeof schema === 'string' ? (/^certrebind\/([a-z-]+\/\d+)$/.exec(schema)?.[1] ?? null) : null;
}

/** The module adds facts to these that the program does not read. */
const open = ['campaign', 'inventory'];

function compiled(number: string): ValidateFunction {
  const schema = workingSchemas().get(number);
  assert.ok(schema !== undefined, `certrebind/${number} is written and has no schema: see docs/develop/testing.md`);
  const ajv = new Ajv2019({ strict: false });
  addFormats.default(ajv);
  const isOpen = open.some((name) => number.startsWith(`${name}/`));
  const validate = ajv.compile(Object(isOpen ? schema : closed(schema, true)));
  validators.set(number, validate);
  return validate;
}

/** The same schema, where no object has a property that is not named. */
function closed(schema: unknown, isPlace: boolean): unknown {
  if (Array.isArray(schema)) return schema.map((part) => closed(part, isPlace));
  if (typeof schema !== 'object' || schema === null) return schema;
  const parts = Object.entries(schema).map(([keyword, part]) => {
    if (keyword === 'properties' || keyword === 'definitions')
      return [
        keyword,
        Object.fromEntries(Object.entries(part).map(([name, one]) => [name, closed(one, keyword === 'properties')])),
      ];
    if (keyword === 'items' || keyword === 'additionalProperties') return [keyword, closed(part, true)];
    return ['oneOf', 'anyOf', 'allOf', 'if', 'then', 'else'].includes(keyword)
      ? [keyword, closed(part, false)]
      : [keyword, part];
  });
  const names = ['properties', '$ref', 'oneOf', 'anyOf', 'allOf'].some((keyword) => keyword in schema);
  return { ...Object.fromEntries(parts), ...(isPlace && names ? { unevaluatedProperties: false } : {}) };
}
