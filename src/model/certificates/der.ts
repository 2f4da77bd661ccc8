export const sequence = 0x30;
export const bitString = 0x03;
export const octetString = 0x04;

export interface DerElement {
  readonly tag: number;
  readonly body: Buffer;
  readonly whole: Buffer;
}

/**
 * The elements that follow one another, each read when it is asked for: millions may fit into a list. What comes after one
 * of a length that cannot be is left out.
 */
export function* elements(der: Buffer | undefined): Generator<DerElement, void> {
  let at = 0;
  while (der !== undefined && at + 2 <= der.length) {
    const short = der[at + 1] ?? 0;
    const digits = short < 0x80 ? 0 : short - 0x80;
    if (digits > 4 || short === 0x80 || at + 2 + digits > der.length) break;
    const length = digits === 0 ? short : der.readUIntBE(at + 2, digits);
    const start = at + 2 + digits;
    const end = start + length;
    if (end > der.length) break;
    yield { tag: der[at] ?? 0, body: der.subarray(start, end), whole: der.subarray(at, end) };
    at = end;
  }
}

/** Those of one kind. */
export function* tagged(der: Buffer | undefined, tag: number): Generator<DerElement, void> {
  for (const one of elements(der)) if (one.tag === tag) yield one;
}

/** One of the elements that another is made of. */
export function inside(element: DerElement | undefined, at: number): DerElement | undefined {
  let left = at;
  for (const one of elements(element?.body)) if (left-- === 0) return one;
  return undefined;
}

/**
 * What an extension of a certificate or a revocation list says, of two with one identifier the first; the element around
 * it where it says nothing.
 */
export function extensionIn(list: Buffer | undefined, wanted: string): DerElement | undefined {
  for (const extension of elements(list)) {
    if (inside(extension, 0)?.body.toString('hex') !== wanted) continue;
    const [value] = tagged(extension.body, octetString);
    if (value !== undefined) return inside(value, 0) ?? value;
  }
  return undefined;
}

/** One element made of others, or of its content. */
export function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const digits = [24, 16, 8, 0].map((bits) => (body.length >>> bits) & 0xff);
  const shortest = digits.slice(digits.findIndex((digit) => digit !== 0));
  const length = body.length < 0x80 ? [body.length] : [0x80 + shortest.length, ...shortest];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

export const identifierTag = 0x06;
const longestIdentifier = 128;

/** An object identifier as text with dots (X.690, 8.19); empty for anything else, and for one longer than any in use. */
export function objectIdentifier(element: DerElement | undefined): string {
  if (element?.tag !== identifierTag || element.body.length === 0 || element.body.length > longestIdentifier) return '';
  const arcs: bigint[] = [];
  let arc = 0n;
  for (const byte of element.body) {
    arc = arc * 128n + BigInt(byte & 0x7f);
    if ((byte & 0x80) !== 0) continue;
    arcs.push(arc);
    arc = 0n;
  }
  const [first = 0n, ...others] = arcs;
  const root = first < 80n ? first / 40n : 2n;
  return [root, first - root * 40n, ...others].join('.');
}
