import { createHash } from 'node:crypto';

/**
 * One text for one value, whatever order its properties were set in: keys sorted by code unit, no blanks, absent
 * (`undefined`) properties left out. Digests and equality of documents rest on it.
 * @throws TypeError for what JSON cannot hold (functions, symbols, big integers, numbers that are not finite)
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'boolean':
      return String(value);
    case 'number':
      if (Number.isFinite(value)) return JSON.stringify(value);
      break;
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? `[${value.map(element).join(',')}]` : canonicalObject(value);
  }
  throw new TypeError(`${typeof value === 'number' ? value : typeof value} has no place in a JSON document`);
}

/** SHA-256 of the text's UTF-8 bytes, 64 lower-case hexadecimal digits. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

function element(value: unknown): string {
  return value === undefined ? 'null' : canonicalJson(value);
}

function canonicalObject(value: object): string {
  const properties: Readonly<Record<string, unknown>> = { ...value };
  const written: string[] = [];
  for (const name of Object.keys(properties).sort()) {
    const property = properties[name];
    if (property !== undefined) written.push(`${quoted(name)}:${canonicalJson(property)}`);
  }
  return `{${written.join(',')}}`;
}

/** Most texts of a document need no escape, and a plan of ten thousand records has a million of them. */
function quoted(text: string): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text);
}

const plain = /^[ !#-[\]-~]{0,200}$/;
