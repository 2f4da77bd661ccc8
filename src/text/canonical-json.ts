import { createHash } from 'node:crypto';

/**
 * The same text for equal values, in whatever order their properties were set: keys sorted by code unit, no blanks,
 * absent (`undefined`) properties left out. Digests and equality of documents depend on it.
 * @throws TypeError for what JSON cannot hold (functions, symbols, big integers, numbers that are not finite)
 */
export function canonicalJson(value: unknown): string {
  const pieces: Buffer[] = [];
  writeWhole(value, (piece) => void pieces.push(Buffer.from(piece)));
  return Buffer.concat(pieces).toString('utf8');
}

/** SHA-256 of the value's `canonicalJson`, without ever holding the text of a large document. */
export function canonicalDigest(value: unknown): string {
  const hash = createHash('sha256');
  writeWhole(value, (piece) => void hash.update(piece));
  return hash.digest('hex');
}

/** The properties of objects that were set in one order: that order, and the one they are written in. */
interface Layout {
  readonly names: readonly string[];
  readonly sorted: readonly Label[];
}

/** A property's name and, as UTF-8, what is written before its value where it is the first and where it is not. */
interface Label {
  readonly name: string;
  readonly first: Uint8Array;
  readonly later: Uint8Array;
  /** The object that was last written as this property, and where: after how many pieces, from where to where. */
  last: object | null;
  after: number;
  from: number;
  to: number;
}

/**
 * What is being written: UTF-8, into one piece of memory that is handed on when it is full. Letters are put there one by
 * one: a plan of ten thousand records has a million small texts, and joining or encoding each of them takes longer.
 */
interface Writing {
  readonly piece: Uint8Array;
  length: number;
  /** How many pieces were. */
  handedOn: number;
  /** Must be done with the piece before it returns. */
  readonly take: (piece: Uint8Array) => void;
  /** The layouts seen so far, by their first name: a document of thousands of records has some dozens of them. */
  readonly layouts: Map<string, Layout[]>;
}

const pieceLength = 65_536;
const mostAlike = 8;

function writeWhole(value: unknown, take: (piece: Uint8Array) => void): void {
  const writing: Writing = { piece: new Uint8Array(pieceLength), length: 0, handedOn: 0, take, layouts: new Map() };
  write(value, writing);
  handOn(writing);
}

function write(value: unknown, writing: Writing): void {
  switch (typeof value) {
    case 'string':
      writeText(value, writing);
      return;
    case 'boolean':
      put(String(value), writing);
      return;
    case 'number':
      if (!Number.isFinite(value)) break;
      put(String(value), writing);
      return;
    case 'object':
      if (value === null) put('null', writing);
      else if (Array.isArray(value)) writeArray(value, writing);
      else writeObject(value, writing);
      return;
  }
  throw new TypeError(`${typeof value === 'number' ? value : typeof value} cannot be written to a JSON document`);
}

function writeArray(elements: readonly unknown[], writing: Writing): void {
  let before = '[';
  for (const element of elements) {
    put(before, writing);
    write(element === undefined ? null : element, writing);
    before = ',';
  }
  put(elements.length === 0 ? '[]' : ']', writing);
}

function writeObject(value: object, writing: Writing): void {
  const properties = value as Readonly<Record<string, unknown>>;
  let empty = true;
  for (const label of layoutOf(value, writing.layouts).sorted) {
    const property = properties[label.name];
    if (property === undefined) continue;
    putBytes(empty ? label.first : label.later, writing);
    if (typeof property === 'object' && property !== null) writeOrCopy(property, label, writing);
    else write(property, writing);
    empty = false;
  }
  put(empty ? '{}' : '}', writing);
}

/** A holder as it is and as it will be are the same objects but for the certificate, and steps share their renewal. */
function writeOrCopy(value: object, label: Label, writing: Writing): void {
  const length = label.to - label.from;
  if (label.last === value && label.after === writing.handedOn && writing.length + length <= pieceLength) {
    writing.piece.copyWithin(writing.length, label.from, label.to);
    writing.length += length;
    return;
  }
  const { handedOn, length: from } = writing;
  write(value, writing);
  label.last = value;
  label.after = handedOn;
  label.from = from;
  label.to = writing.length;
}

function layoutOf(value: object, layouts: Writing['layouts']): Layout {
  const names = Object.keys(value);
  const first = names.length === 0 ? '' : (names[0] as string);
  const alike = layouts.get(first) ?? [];
  for (const layout of alike) if (sameNames(layout.names, names)) return layout;
  const layout = { names, sorted: [...names].sort().map(labelOf) };
  // An object whose names are data, such as keys, would fill the list with layouts that never come again.
  if (alike.length < mostAlike) layouts.set(first, [...alike, layout]);
  return layout;
}

function labelOf(name: string): Label {
  const label = `${JSON.stringify(name)}:`;
  return {
    name,
    first: Buffer.from(`{${label}`),
    later: Buffer.from(`,${label}`),
    last: null,
    after: -1,
    from: 0,
    to: 0,
  };
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** Between quotes. Most texts of a document need no escape; the others are noticed on the way. */
function writeText(text: string, writing: Writing): void {
  if (!putPlain(text, writing)) putBytes(Buffer.from(JSON.stringify(text)), writing);
}

/** Whether the text could stand as it is; nothing counts as written otherwise. */
function putPlain(text: string, writing: Writing): boolean {
  if (text.length + 2 > pieceLength) return false;
  makeRoom(text.length + 2, writing);
  const { piece } = writing;
  let at = writing.length;
  piece[at++] = quote;
  for (let from = 0; from < text.length; from++) {
    const unit = text.charCodeAt(from);
    if (unit < 0x20 || unit > 0x7e || unit === quote || unit === backslash) return false;
    piece[at++] = unit;
  }
  piece[at++] = quote;
  writing.length = at;
  return true;
}

const quote = 0x22;
const backslash = 0x5c;

/** A short text of ASCII as it is. */
function put(text: string, writing: Writing): void {
  makeRoom(text.length, writing);
  const { piece } = writing;
  let at = writing.length;
  for (let from = 0; from < text.length; from++) piece[at++] = text.charCodeAt(from);
  writing.length = at;
}

function putBytes(bytes: Uint8Array, writing: Writing): void {
  makeRoom(bytes.length, writing);
  if (bytes.length > pieceLength) {
    writing.take(bytes);
    return;
  }
  const { piece } = writing;
  let at = writing.length;
  for (let from = 0; from < bytes.length; from++) piece[at++] = bytes[from] ?? 0;
  writing.length = at;
}

/** Enough for texts up to the length of a piece; longer ones have to check for themselves. */
function makeRoom(bytes: number, writing: Writing): void {
  if (writing.length + bytes > pieceLength) handOn(writing);
}

function handOn(writing: Writing): void {
  writing.take(writing.piece.subarray(0, writing.length));
  writing.handedOn++;
  writing.length = 0;
}
