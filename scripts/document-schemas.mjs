// Makes the schemas of documents from their types, so that what a document has is said once. Limits, formats and patterns are
// tags beside the fields (`@maximum`, `@format`, `@pattern`). `@anyText`: another version may have other words
// there. `@byHand`: the schema that stands in schemas/.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourcesFingerprint } from './lib/fingerprint.mjs';
import { GENERATED, inRoot } from './lib/paths.mjs';
import { writeIfChanged } from './lib/write-if-changed.mjs';

const file = join(GENERATED, 'schemas.json');
/** What makes a schema: types, from the rooms that a document may import from. */
const reads = [
  ...['base', 'model', 'kinds', 'documents'].map((room) => `src/${room}`),
  ...['scripts/documents.ts', 'scripts/document-schemas.mjs', 'tsconfig.json', 'package-lock.json'],
];

/** As they were made last. */
export function madeSchemas() {
  return made().schemas;
}

function made() {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { sources: '', schemas: [] };
}

/** TypeScript reads all these types for it, which takes seconds: only where one has changed. */
export async function makeDocumentSchemas() {
  const sources = sourcesFingerprint(reads);
  if (made().sources === sources) return;
  const { createGenerator } = await import('ts-json-schema-generator');
  const { properties, definitions } = createGenerator({
    path: inRoot('scripts/documents.ts'),
    tsconfig: inRoot('tsconfig.json'),
    type: 'Documents',
    skipTypeCheck: true,
    expose: 'all',
    sortProps: false,
    encodeRefs: false,
    // Later versions may add properties.
    additionalProperties: true,
    topRef: false,
    extraTags: ['anyText', 'byHand'],
  }).createSchema('Documents');
  const schemas = Object.entries(properties).map(([name, schema]) => documentSchema(name, schema, definitions));
  writeIfChanged(file, `${JSON.stringify({ sources, schemas }, null, 1)}\n`);
}

/** Whole, with the definitions that it needs and no others. */
function documentSchema(name, { $ref }, types) {
  const definitions = {};
  const root = simple(types[typeIn($ref)]);
  return opened({
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: `${name}.schema.json`,
    ...root,
    definitions,
  });

  function simple(given) {
    const { description: _, $ref, byHand, anyText, anyOf, type, ...others } = given;
    if (byHand !== undefined) return { $ref: byHand };
    if (Object.keys(given).length === 0) throw new Error(`${name}: a part of its type makes no schema`);
    const rest = Object.fromEntries(Object.entries(others).map(([word, part]) => [word, inside(word, part)]));
    const schema = {
      ...($ref === undefined ? {} : referred(typeIn($ref))),
      // Which words there are says more than that it is a text.
      ...(type === undefined || wordsOf(rest).length > 0 ? {} : { type }),
      ...rest,
      ...(anyOf === undefined ? {} : union(anyOf.map(simple).flatMap((one) => one.anyOf ?? one))),
    };
    return anyText === true ? marked(schema) : schema;
  }

  function isOfObjects({ $ref, byHand, type, anyOf = [] }) {
    if (byHand !== undefined) return false;
    if ($ref !== undefined) return isOfObjects(types[typeIn($ref)]);
    return type === 'object' || anyOf.some(isOfObjects);
  }

  function inside(word, part) {
    if (word === 'properties')
      return Object.fromEntries(Object.entries(part).map(([name, one]) => [name, simple(one)]));
    if (Array.isArray(part) && word === 'items') return part.map(simple);
    return (word === 'items' || word === 'additionalProperties') && typeof part === 'object' ? simple(part) : part;
  }

  /** Only objects and their unions are shared: what is short stands where it is used. */
  function referred(type) {
    if (!/^\w+$/.test(type) || !isOfObjects(types[type])) return simple(types[type]);
    if (!(type in definitions)) {
      definitions[type] = {};
      definitions[type] = simple(types[type]);
    }
    return { $ref: `#/definitions/${type}` };
  }

  function union(branches) {
    const isNull = ({ type }) => type === 'null';
    const words = branches.flatMap(wordsOf);
    const [first, ...others] = branches.filter((one) => wordsOf(one).length === 0 && !isNull(one));
    const isNullable = branches.some(isNull);
    if (first === undefined) return { enum: isNullable ? [...words, null] : words };
    const told = others.length === 0 ? first : toldApart([first, ...others]);
    if (told !== null && words.length === 0 && !isNullable) return told;
    if (told?.type === 'string' && words.length === 0) return { ...told, type: ['string', 'null'] };
    if (told?.type === 'integer' && words.length === 0) return { ...told, type: ['integer', 'null'] };
    return {
      anyOf: [
        ...(words.length === 0 ? [] : [{ enum: words }]),
        ...(told === null ? [first, ...others] : [told]),
        ...(isNullable ? [{ type: 'null' }] : []),
      ],
    };
  }

  /** A union of objects by the words of one property, so that only what the right one lacks is a mistake; `null` for another. */
  function toldApart(branches) {
    const parts = branches.map(({ $ref, ...one }) => ($ref === undefined ? one : definitions[typeIn($ref)]));
    const tag = Object.keys(parts[0].properties ?? {}).find((name) => {
      const words = parts.map(({ properties }) => wordsOf(properties?.[name] ?? {}));
      return words.every(({ length }) => length > 0) && new Set(words.flat()).size === words.flat().length;
    });
    if (tag === undefined) return null;
    const property = (words) => ({ [tag]: words.length === 1 ? { const: words[0] } : { enum: words } });
    const words = parts.map(({ properties }) => wordsOf(properties[tag]));
    return {
      type: 'object',
      required: [tag],
      properties: parts.some(({ properties }) => properties[tag].anyText)
        ? { [tag]: { type: 'string' } }
        : property(words.flat()),
      allOf: parts.map((_, at) => ({
        if: { required: [tag], properties: property(words[at]) },
        // biome-ignore lint/suspicious/noThenProperty: so JSON Schema calls it.
        then: without(tag, parts[at]),
      })),
    };
  }
}

/** What is left to check where the property is known. */
function without(tag, { type: _, properties: { [tag]: __, ...properties }, required, ...rest }) {
  return { ...rest, properties, required: required.filter((name) => name !== tag) };
}

function typeIn($ref) {
  return $ref.slice('#/definitions/'.length);
}

function wordsOf({ const: word, enum: words }) {
  return words ?? (word === undefined ? [] : [word]);
}

/** Its words tell a union apart, so they go only when everything is put together. */
function marked(schema) {
  return schema.items === undefined ? { ...schema, anyText: true } : { ...schema, items: marked(schema.items) };
}

function opened(part) {
  if (Array.isArray(part)) return part.map(opened);
  if (typeof part !== 'object' || part === null) return part;
  const { anyText, ...rest } = part;
  return anyText === true
    ? { type: 'string' }
    : Object.fromEntries(Object.entries(rest).map(([name, one]) => [name, opened(one)]));
}
