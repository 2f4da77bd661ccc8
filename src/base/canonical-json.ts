import { createHash } from 'node:crypto';

/**
 * The same text for equal values, in whatever order their properties were set: keys sorted by code unit, no blanks,
 * absent (`undefined`) properties left out. Digests and equality of documents depend on it.
 * @throws TypeError for what JSON cannot hold (functions, symbols, big integers, numbers that are not finite)
 */
export function canonicalJson(value: unknown): string {
  let text = '';
  write(value, (piece) => {
    text += piece;
  });
  return text;
}

/** SHA-256 of the value's `canonicalJson`, without ever holding the text of a large document. */
export function canonicalDigest(value: unknown): string {
  const hash = createHash('sha256');
  let text = '';
  write(value, (piece) => {
    text += piece;
    if (text.length < 65_536) return;
    hash.update(text);
    text = '';
  });
  return hash.update(text).digest('hex');
}

function write(value: unknown, put: (piece: string) => void): void {
  if (Array.isArray(value)) {
    value.forEach((one, at) => {
      put(at === 0 ? '[' : ',');
      write(one === undefined ? null : one, put);
    });
    put(value.length === 0 ? '[]' : ']');
  } else if (typeof value === 'object' && value !== null) {
    const properties = value as Readonly<Record<string, unknown>>;
    let before = '{';
    for (const name of Object.keys(properties).sort()) {
      if (properties[name] === undefined) continue;
      put(`${before}${JSON.stringify(name)}:`);
      write(properties[name], put);
      before = ',';
    }
    put(before === '{' ? '{}' : '}');
  } else if (['string', 'boolean'].includes(typeof value) || value === null || Number.isFinite(value)) {
    put(JSON.stringify(value));
  } else {
    throw new TypeError(`${typeof value === 'number' ? value : typeof value} cannot be written to a JSON document`);
  }
}
