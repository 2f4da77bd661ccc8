import type { CertRebindError } from '../../base/errors.ts';
import { memoize } from '../../base/memoize.ts';

/**
 * The line format between this program and its adapter scripts, the same in both directions: a row is a line, its
 * fields are separated by tabs, and `\\`, `\t`, `\n`, `\r` stand for the four characters that would break that. No
 * JSON, because Windows PowerShell 5.1 limits its length and reads it slowly (fidelity: powershell-json).
 */
export type Row = readonly string[];

/** A row by the names of its columns, of a text `<kind> <column>...`. */
export type Named<Text extends string> = { readonly [Column in Word<Text>]: string };
type Word<Text extends string> = Text extends `${infer First} ${infer Rest}` ? First | Word<Rest> : Text;

/** What the adapter answered in one call, by the first field of its rows, and which parts it could not read. */
export interface Parts {
  /** Rows of this kind, without the kind. */
  rows(kind: string): readonly Row[];
  /** The first of them. */
  first(kind: string): Row | null;
  /** @throws CertRebindError where the adapter does not tell one of the columns */
  records<Text extends string>(named: Text): readonly Named<Text>[];
  /** Why a part is missing; `null` when it was read. */
  failure(part: string): CertRebindError | null;
}

export function encodeRows(rows: readonly Row[]): string {
  return rows
    .map((row) => row.map((field) => field.replace(/[\\\t\n\r]/g, (one) => escapes[one] ?? one)).join('\t'))
    .join('\n');
}

/**
 * From UTF-8. The same few fields fill thousands of rows, so each is kept once, as a text of its own: a part of a line
 * would keep the line in memory.
 */
export function decodeRows(bytes: Buffer): readonly Row[] {
  const field = memoize((part: string) => {
    const text = part.includes('\\') ? part.replace(/\\(.)/gs, (whole, letter) => originals[letter] ?? whole) : part;
    return Buffer.from(text).toString();
  });
  const rows: Row[] = [];
  for (let from = 0, to = 0; to < bytes.length; from = to + 1) {
    const end = bytes.indexOf(10, from);
    to = end < 0 ? bytes.length : end;
    rows.push(bytes.toString('utf8', from, to).split('\t').map(field));
  }
  return rows;
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const originals: Readonly<Record<string, string>> = { '\\': '\\', t: '\t', n: '\n', r: '\r' };
