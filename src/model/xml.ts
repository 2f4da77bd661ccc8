import { XmlElement as ParsedElement, parseXml as parseDocument, XmlError } from '@rgrove/parse-xml';
import { CertRebindError } from './errors.ts';
import { decodeAs, sniffEncoding } from './text-encoding.ts';

/** An element as parsed. Names may carry a prefix; look things up with the functions below, which ignore it. */
export type XmlElement = ParsedElement;

/** No file this program reads comes near it; more is refused before it costs memory. */
export const xmlSizeLimit = 50 * 1024 * 1024;

/**
 * Parses a whole XML document and returns its root element. The only place that parses XML.
 * @param where names the file in errors, which add `:line:column`; no text of the document is ever quoted in them
 * @throws CertRebindError `bad-xml` when it is malformed, larger than 50 MB, in no known encoding, or carries a DTD
 */
export function parseXml(source: Uint8Array | string, where: string): XmlElement {
  if (source.length > xmlSizeLimit) throw badXml(where, `is larger than ${xmlSizeLimit / 1024 / 1024} MB`);
  const text = typeof source === 'string' ? withoutMark(source) : decodeXml(source, where);
  const doctype = doctypeAt(text);
  if (doctype !== null) {
    throw badXml(atPosition(where, text, doctype), 'carries a document type declaration (DTD), which is refused');
  }
  try {
    const { root } = parseDocument(text);
    if (root !== null) return root;
  } catch (thrown) {
    if (thrown instanceof XmlError) {
      throw badXml(`${where}:${thrown.line}:${thrown.column}`, `is not well-formed XML: ${complaint(thrown)}`);
    }
    // The library descends recursively.
    if (thrown instanceof RangeError) throw badXml(where, 'nests its elements too deeply');
    throw thrown;
  }
  throw badXml(where, 'has no root element');
}

/** The element's name without its prefix. */
export function localName(element: XmlElement): string {
  return unprefixed(element.name);
}

/** Child elements in document order; only those of this local name when one is given. */
export function children(element: XmlElement, name?: string): readonly XmlElement[] {
  return element.children.filter(
    (node): node is XmlElement => node instanceof ParsedElement && (name === undefined || localName(node) === name),
  );
}

/** The first element reached by these local names, one level each; `null` when a step is missing. */
export function child(element: XmlElement, ...path: readonly string[]): XmlElement | null {
  let current: XmlElement | null = element;
  for (const name of path) {
    current = current?.children.find((node): node is XmlElement => isElement(node, name)) ?? null;
  }
  return current;
}

/** The attribute's value by local name; `null` when absent. */
export function attribute(element: XmlElement, name: string): string | null {
  const plain = element.attributes[name];
  if (plain !== undefined) return plain;
  const suffix = `:${name}`;
  const prefixed = Object.keys(element.attributes).find((written) => isPrefixed(written, suffix));
  return prefixed === undefined ? null : (element.attributes[prefixed] ?? null);
}

/** All text inside the element, trimmed. */
export function textOf(element: XmlElement): string {
  return element.text.trim();
}

function isElement(node: unknown, name: string): boolean {
  return node instanceof ParsedElement && localName(node) === name;
}

function unprefixed(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}

/** A namespace declaration is no attribute of its own. */
function isPrefixed(written: string, suffix: string): boolean {
  return written.endsWith(suffix) && !written.startsWith('xmlns:');
}

function decodeXml(bytes: Uint8Array, where: string): string {
  const encoding = sniffEncoding(bytes) ?? declaredEncoding(bytes) ?? 'utf-8';
  const text = decodeAs(encoding, bytes);
  if (text === null) throw badXml(where, `is not text in ${encoding}`);
  return text;
}

/**
 * What the declaration says counts only for encodings of one byte a letter that contain ASCII: bytes in which the
 * declaration can be read as ASCII are not UTF-16, whatever it says.
 */
function declaredEncoding(bytes: Uint8Array): string | null {
  const start = Buffer.from(bytes.subarray(0, 200)).toString('latin1');
  const declared = /^<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']/.exec(start)?.[1]?.toLowerCase() ?? null;
  return declared === null || /^(?:utf|ucs|iso-10646)/.test(declared) ? null : declared;
}

/** Where the document type declaration starts, which can only stand before the root element. */
function doctypeAt(text: string): number | null {
  let at = 0;
  for (;;) {
    while (isBlank(text.charCodeAt(at))) at += 1;
    if (text.startsWith('<!DOCTYPE', at)) return at;
    const close = text.startsWith('<!--', at) ? '-->' : text.startsWith('<?', at) ? '?>' : null;
    const end = close === null ? -1 : text.indexOf(close, at + 2);
    if (close === null || end < 0) return null;
    at = end + close.length;
  }
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}

/** The library's first line only: the lines below it quote the document, where a password may stand. */
function complaint(error: XmlError): string {
  return error.message.replace(/ \(line \d+, column \d+\)[\s\S]*$/, '');
}

function atPosition(where: string, text: string, at: number): string {
  const before = text.slice(0, at);
  return `${where}:${before.split('\n').length}:${at - before.lastIndexOf('\n')}`;
}

function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

function badXml(where: string, what: string): CertRebindError {
  return new CertRebindError('bad-xml', { message: `${where} ${what}.`, where });
}
