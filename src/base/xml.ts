import { SaxesParser } from 'saxes';
import { wrongInput } from './errors.ts';
import { decodeAs, sniffEncoding } from './text-encoding.ts';

/** An element as parsed. Names may carry a prefix; look things up with the functions below, which ignore it. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Child elements and the text between them, in document order. */
  readonly children: readonly (XmlElement | string)[];
}

/** The child elements that are read of each element, by local names; an element that is not listed here has none. */
export type XmlOutline = Readonly<Record<string, readonly string[]>>;

/** 60,000 sites of 350 bytes each. The slowest input of this size (one comment, one DTD) then takes a second or two. */
export const xmlSizeLimit = 20 * 1024 * 1024;

/** Limits the cost of any file: 60,000 sites with ten bindings each have this many. */
const keptElements = 1_000_000;
const attributesOfOne = 1000;
const nesting = 1000;

/**
 * Parses a whole XML document and returns its root element. The only place that parses XML.
 * @param where names the file in errors, which add `:line:column`; no text of the document is ever quoted in them
 * @param outline keeps only these elements, without text, so that what is not needed (also passwords) takes no memory;
 * the rest must be well-formed anyway
 * @throws CertRebindError `bad-xml` when it is malformed, too large, in no known encoding, or carries a DTD
 */
export function parseXml(source: Uint8Array | string, where: string, outline?: XmlOutline): XmlElement {
  if (source.length > xmlSizeLimit)
    throw wrongInput('bad-xml', where, `is larger than ${xmlSizeLimit / 1024 / 1024} MB`);
  return readElements(typeof source === 'string' ? source : decodeXml(source, where), where, outline);
}

interface OpenElement extends XmlElement {
  readonly children: (XmlElement | string)[];
}

function readElements(text: string, where: string, outline: XmlOutline | undefined): XmlElement {
  const document: OpenElement = { name: '', attributes: {}, children: [] };
  const open = [document];
  let current = document;
  let kept = 0;
  let depth = 0;
  /** Depth of the element that is being skipped; zero if none is. */
  let passingOver = 0;
  let attributes = 0;
  const parser = new SaxesParser();
  const refuse = (what: string): never => {
    throw wrongInput('bad-xml', `${where}:${parser.line}:${Math.max(1, parser.column)}`, what);
  };

  parser.on('error', (error) => {
    // Without the position, which is given separately, and without the names at its end: one of them may be a password.
    const complaint = error.message.replace(/^[\d:]+ */, '').replace(/(?:: .*|\.)$/s, '');
    refuse(`is not well-formed XML: ${complaint}`);
  });
  parser.on('doctype', () => refuse('contains a document type declaration (DTD), which is not allowed'));
  parser.on('attribute', () => {
    attributes += 1;
    if (attributes > attributesOfOne) refuse('has an element with too many attributes');
  });
  parser.on('opentag', (tag) => {
    attributes = 0;
    depth += 1;
    if (depth > nesting) refuse('nests its elements too deeply');
    if (passingOver > 0) return;
    if (outline !== undefined && depth > 1 && outline[localName(current)]?.includes(localName(tag)) !== true) {
      passingOver = depth;
      return;
    }
    kept += 1;
    if (kept > keptElements) refuse('has too many elements');
    const element = { name: tag.name, attributes: tag.attributes, children: [] };
    current.children.push(element);
    open.push(element);
    current = element;
  });
  parser.on('closetag', () => {
    if (passingOver === 0) {
      open.pop();
      current = open.at(-1) ?? document;
    } else if (passingOver === depth) passingOver = 0;
    depth -= 1;
  });
  if (outline === undefined) {
    const keep = (piece: string) => void current.children.push(piece);
    parser.on('text', keep);
    parser.on('cdata', keep);
  }
  parser.write(text).close();

  const root = document.children.find((node) => typeof node !== 'string');
  return root ?? refuse('has no root element');
}

/** The element's name without its prefix. */
export function localName({ name }: Pick<XmlElement, 'name'>): string {
  return name.slice(name.indexOf(':') + 1);
}

/** Child elements in document order; only those of this local name when one is given, and none of no element. */
export function children(element: XmlElement | null, name?: string): readonly XmlElement[] {
  return (element?.children ?? []).filter(
    (node): node is XmlElement => typeof node !== 'string' && (name === undefined || localName(node) === name),
  );
}

/** The first element reached by these local names, one level each; `null` when a step is missing. */
export function child(element: XmlElement | null, ...path: readonly string[]): XmlElement | null {
  return path.reduce((current, name) => children(current, name)[0] ?? null, element);
}

/** The attribute's value by local name; `null` when it or the element is absent. */
export function attribute(element: XmlElement | null, name: string): string | null {
  const attributes = element?.attributes ?? {};
  const plain = attributes[name];
  if (plain !== undefined) return plain;
  const suffix = `:${name}`;
  // A namespace declaration is not an attribute of its own.
  const prefixed = Object.keys(attributes).find((written) => written.endsWith(suffix) && !written.startsWith('xmlns:'));
  return prefixed === undefined ? null : (attributes[prefixed] ?? null);
}

/** The text in the first element of this name; `null` if there is none. */
export function textIn(parent: XmlElement | null, name: string): string | null {
  const element = child(parent, name);
  return element && textOf(element);
}

/** All text inside the element, trimmed. */
export function textOf(element: XmlElement): string {
  return allText(element).trim();
}

function allText({ children }: XmlElement): string {
  return children.map((node) => (typeof node === 'string' ? node : allText(node))).join('');
}

/**
 * The text of an XML document, by its first bytes, else by its declaration, else UTF-8.
 * @throws CertRebindError `bad-xml` when it is not text in that encoding
 */
export function decodeXml(bytes: Uint8Array, where: string): string {
  const encoding = sniffEncoding(bytes) ?? declaredEncoding(bytes) ?? 'utf-8';
  const text = decodeAs(encoding, bytes);
  if (text === null) throw wrongInput('bad-xml', where, `is not text in ${encoding}`);
  return text;
}

/**
 * The declaration only counts for single-byte encodings that contain ASCII: bytes whose declaration can be read as
 * ASCII are not UTF-16, whatever it says.
 */
function declaredEncoding(bytes: Uint8Array): string | null {
  const start = Buffer.from(bytes.subarray(0, 200)).toString('latin1');
  const declared = /^<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']/.exec(start)?.[1]?.toLowerCase() ?? null;
  return declared === null || /^(?:utf|ucs|iso-10646)/.test(declared) ? null : declared;
}
