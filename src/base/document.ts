import type { ErrorObject } from 'ajv';
import { messageFrom, wrongInput } from './errors.ts';
import { schemaMistake } from './schema-mistake.ts';

/** A file that was read for a person, and how to call it in an error. */
export interface InputFile {
  readonly where: string;
  readonly bytes: Uint8Array;
}

/**
 * A moment in ISO 8601.
 * @format date-time
 */
export type Time = string;

/** @asType integer */
export type Integer = number;

/**
 * How many.
 * @asType integer
 * @minimum 0
 */
export type Count = number;

/**
 * How many, and not none.
 * @asType integer
 * @minimum 1
 */
export type Positive = number;

/**
 * Of a port.
 * @asType integer
 * @minimum 1
 * @maximum 65535
 */
export type PortNumber = number;

/**
 * In lower-case hexadecimal digits.
 * @pattern ^[0-9a-f]{64}$
 */
export type Sha256 = string;

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

function reasonOf(error: unknown): string {
  // The text after the first line quotes the input, which may be long or carry what should not be shown.
  return messageFrom(error)
    .replace(/,? ?(?:"|\.\.\.).*$/s, '')
    .slice(0, 200);
}
