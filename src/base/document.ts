import type { ErrorObject, ValidateFunction } from 'ajv';
import { messageFrom, wrongInput } from './errors.ts';
import { quoted } from './safe-text.ts';
import { schemaMistake } from './schema-mistake.ts';

/** A file that was read for a person, and how to call it in an error. */
export interface InputFile {
  readonly where: string;
  readonly bytes: Uint8Array;
}

/** An object without what lies below these names, and without the objects that are empty then; itself where nothing does. */
export function without(value: object, [name = '', ...deeper]: readonly string[]): object {
  const { [name]: below, ...rest } = value as Readonly<Record<string, unknown>>;
  if (below === undefined) return value;
  if (deeper.length === 0) return rest;
  if (typeof below !== 'object' || below === null) return value;
  const left = without(below, deeper);
  return Object.keys(left).length === 0 ? rest : { ...value, [name]: left };
}

/** No document of ours is nearly this deep, and every recursive function can handle this depth. */
const deepestNesting = 200;

/**
 * Reads JSON; a byte order mark, which Notepad writes, is not an error.
 * @throws CertRebindError of this code
 */
export function parseJson(
  text: string,
  where: string,
  code: 'bad-document' | 'bad-configuration' = 'bad-document',
): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw wrongInput(code, where, `is not JSON: ${reasonOf(error)}`);
  }
  if (!isDeeperThan(value, deepestNesting)) return value;
  const tooDeep = `is nested more than ${deepestNesting} levels deep, so it is not a document of CertRebind`;
  throw wrongInput(code, where, tooDeep);
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((part) => isDeeperThan(part, levels - 1));
}

/** By the number of the document that each reads. */
export type Readers = Readonly<Record<number, (written: unknown) => unknown>>;

/**
 * Reads a kind of document back.
 * @param name for example `plan` of `certrebind/plan/2`
 * @param version the one that this program writes
 * @param readers of what earlier programs wrote
 * @throws CertRebindError (the parser) `later-schema`, `earlier-schema`, or `bad-document` naming the place and what is wrong there
 */
export function parserOf<Shape>(name: string, version: number, validate: ValidateFunction, readers: Readers = {}) {
  const isValid = validate as ValidateFunction<Shape>;
  return (text: string, where: string): Shape => {
    let value = parseJson(text, where);
    const written = versionOf(value, name, where);
    const which = `${withArticle(name)} of version ${written}`;
    if (written > version) {
      const upTo = `it is ${which}, and this one reads versions up to ${version}`;
      throw wrongInput('later-schema', where, `was written by a newer CertRebind: ${upTo}`);
    }
    for (let number = written; number < version; number++) {
      const read = readers[number];
      if (read === undefined)
        throw wrongInput('earlier-schema', where, `is ${which}. This version of CertRebind reads version ${version}`);
      value = { ...Object(read(value)), schema: `certrebind/${name}/${number + 1}` };
    }
    if (isValid(value)) return value;
    value = readers[version]?.(value) ?? value;
    if (isValid(value)) return value;
    throw wrongInput('bad-document', where, `is not a valid ${name}: ${describe(isValid.errors)}`);
  };
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first thing wrong, as a sentence's end: `/steps/0/key is not a text`. */
export function describe(errors: readonly ErrorObject[] | null | undefined): string {
  // In a union every branch reports an error; the deepest one is closest to the mistake.
  const deepest = [...(errors ?? [])].sort((a, b) => depth(b.instancePath) - depth(a.instancePath))[0];
  if (deepest === undefined) return 'it does not have the expected structure';
  return `${deepest.instancePath === '' ? 'the document' : deepest.instancePath} ${schemaMistake(deepest)}`;
}

function depth(path: string): number {
  return path.split('/').length;
}

function versionOf(value: unknown, name: string, where: string): number {
  const schema = isObject(value) ? value.schema : undefined;
  const version = typeof schema === 'string' ? /^certrebind\/([a-z-]+)\/([1-9]\d{0,5})$/.exec(schema) : null;
  if (version?.[1] === name) return Number(version[2]);
  const found = typeof schema === 'string' ? `its schema is ${quoted(schema, 80)}` : 'it has no schema';
  throw wrongInput('bad-document', where, `is not ${withArticle(name)} of CertRebind: ${found}`);
}

function reasonOf(error: unknown): string {
  // The text after the first line quotes the input, which may be long or carry what should not be shown.
  return messageFrom(error)
    .replace(/,? ?(?:"|\.\.\.).*$/s, '')
    .slice(0, 200);
}

function withArticle(name: string): string {
  return `${/^[aeio]/.test(name) ? 'an' : 'a'} ${name}`;
}
