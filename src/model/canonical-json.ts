import { createHash } from 'node:crypto';

/**
 * One text for one value, whatever order its properties were set in: keys sorted by code unit, no blanks, absent
 * (`undefined`) properties left out. Digests and equality of documents rest on it.
 * @throws TypeError for what JSON cannot hold (functions, symbols, big integers, numbers that are not finite)
 */
export function canonicalJson(value: unknown): string {
  const pieces: string[] = [];
  writeWhole(value, (piece) => void pieces.push(piece));
  return pieces.join('');
}

/** `sha256Hex` of the value's `canonicalJson`, without ever holding the text of a large document. */
export function canonicalDigest(value: unknown): string {
  const hash = createHash('sha256');
  writeWhole(value, (piece) => void hash.update(piece, 'utf8'));
  return hash.digest('hex');
}

/** SHA-256 of the text's UTF-8 bytes, 64 lower-case hexadecimal digits. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** The properties of objects that were set in one order: that order, and the one they are written in. */
interface Layout {
  readonly names: readonly string[];
  readonly sorted: readonly { readonly name: string; readonly label: string }[];
}

/** What is being written; it is handed on in pieces, since joining a million small texts at once is slow. */
interface Writing {
  text: string;
  readonly take: (piece: string) => void;
  /** The last layout met, by its first name: a document of thousands of records has a dozen of them. */
  readonly layouts: Map<string, Layout>;
}

const pieceLength = 8192;

function writeWhole(value: unknown, take: (piece: string) => void): void {
  const writing: Writing = { text: '', take, layouts: new Map() };
  write(value, writing);
  take(writing.text);
}

function write(value: unknown, writing: Writing): void {
  switch (typeof value) {
    case 'string':
      writing.text += quoted(value);
      return;
    case 'boolean':
      writing.text += String(value);
      return;
    case 'number':
      if (!Number.isFinite(value)) break;
      writing.text += JSON.stringify(value);
      return;
    case 'object':
      if (value === null) writing.text += 'null';
      else if (Array.isArray(value)) writeArray(value, writing);
      else writeObject(value, writing);
      return;
  }
  throw new TypeError(`${typeof value === 'number' ? value : typeof value} has no place in a JSON document`);
}

function writeArray(elements: readonly unknown[], writing: Writing): void {
  let before = '[';
  for (const element of elements) {
    writing.text += before;
    write(element === undefined ? null : element, writing);
    before = ',';
  }
  writing.text += elements.length === 0 ? '[]' : ']';
}

function writeObject(value: object, writing: Writing): void {
  const properties = value as Readonly<Record<string, unknown>>;
  let before = '{';
  for (const { name, label } of layoutOf(value, writing.layouts).sorted) {
    const property = properties[name];
    if (property === undefined) continue;
    writing.text += before;
    writing.text += label;
    write(property, writing);
    before = ',';
  }
  writing.text += before === '{' ? '{}' : '}';
  if (writing.text.length > pieceLength) {
    writing.take(writing.text);
    writing.text = '';
  }
}

function layoutOf(value: object, layouts: Writing['layouts']): Layout {
  const names = Object.keys(value);
  const [first = ''] = names;
  const known = layouts.get(first);
  if (known !== undefined && sameNames(known.names, names)) return known;
  const layout = { names, sorted: [...names].sort().map((name) => ({ name, label: `${quoted(name)}:` })) };
  layouts.set(first, layout);
  return layout;
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, at) => name === b[at]);
}

/** Most texts of a document need no escape, and a plan of ten thousand records has a million of them. */
function quoted(text: string): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text);
}

const plain = /^[ !#-[\]-~]{0,200}$/;
