import type { ValidateFunction } from 'ajv';
import { describe, isObject, parseJson } from '../base/document.ts';
import { wrongInput } from '../base/errors.ts';
import { quoted } from '../base/safe-text.ts';

/** By what the `schema` of a document says. Each makes of any JSON under that number a document of the next number. */
type Readers = Readonly<Record<string, (written: unknown) => object>>;

/** Of what released versions wrote and this one writes otherwise (docs/develop/testing.md): nothing yet. */
const readers: Readers = {};

/**
 * Reads a kind of document back.
 * @param schema what this program writes
 * @throws CertRebindError (the parser) `other-version`, or `bad-document` naming the place and what is wrong there
 */
export function parserOf<Shape extends { readonly schema: string }>(
  schema: Shape['schema'],
  validate: ValidateFunction,
  known: Readers = readers,
) {
  const isValid = validate as ValidateFunction<Shape>;
  const parse = (text: string, where: string): Shape => {
    const value = inThisNumber(parseJson(text, where), schema, where, known);
    if (isValid(value)) return value;
    throw wrongInput('bad-document', where, `is not a valid ${nameOf(schema)}: ${describe(isValid.errors)}`);
  };
  return Object.assign(parse, { schema });
}

/** Whether a text begins with this schema, as what this program writes does: known without reading the rest. */
export function beginsAs(text: string, schema: string): boolean {
  return /^\{\s*"schema":\s*"([^"\\]{1,80})"/.exec(text.slice(0, 200))?.[1] === schema;
}

/**
 * A document under the number that this program writes.
 * @throws CertRebindError `other-version` where no reader leads there, `bad-document` for another kind of document
 */
export function inThisNumber(written: unknown, schema: string, where: string, known: Readers = readers): unknown {
  const found = isObject(written) ? written.schema : undefined;
  if (found === schema) return written;
  const name = nameOf(schema);
  if (typeof found !== 'string' || nameOf(found) !== name) {
    const reason = typeof found === 'string' ? `its schema is ${quoted(found, 80)}` : 'it has no schema';
    throw wrongInput('bad-document', where, `is not ${withArticle(name)} of CertRebind: ${reason}`);
  }
  const read = Object.hasOwn(known, found) ? known[found] : undefined;
  if (read !== undefined) {
    const next = `certrebind/${name}/${numberOf(found) + 1}`;
    return inThisNumber({ ...read(written), schema: next }, schema, where, known);
  }
  const versions = `it is ${withArticle(name)} of version ${numberOf(found)}, and this one reads version ${numberOf(schema)}`;
  throw wrongInput('other-version', where, `was written by another version of CertRebind: ${versions}`);
}

/** Of a document of ours; empty for anything else. */
function nameOf(schema: string): string {
  return /^certrebind\/([a-z-]+)\/[1-9]\d{0,5}$/.exec(schema)?.[1] ?? '';
}

function numberOf(schema: string): number {
  return Number(schema.slice(schema.lastIndexOf('/') + 1));
}

function withArticle(name: string): string {
  return `${/^[aeio]/.test(name) ? 'an' : 'a'} ${name}`;
}
