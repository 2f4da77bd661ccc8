import { createHash } from 'node:crypto';

/**
 * The same text for equal values, in whatever order their properties were set: keys sorted by code unit, no blanks,
 * absent (`undefined`) properties left out. Digests and equality of documents depend on it.
 * @throws TypeError for what JSON cannot hold (functions, symbols, big integers, numbers that are not finite)
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((one) => canonicalJson(one === undefined ? null : one)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const properties = value as Readonly<Record<string, unknown>>;
    const present = Object.keys(properties).filter((name) => properties[name] !== undefined);
    const texts = present.sort().map((name) => `${JSON.stringify(name)}:${canonicalJson(properties[name])}`);
    return `{${texts.join(',')}}`;
  }
  const isWritable = ['string', 'boolean'].includes(typeof value) || value === null || Number.isFinite(value);
  if (isWritable) return JSON.stringify(value);
  throw new TypeError(`${typeof value === 'number' ? value : typeof value} cannot be written to a JSON document`);
}

/** SHA-256 of the value's `canonicalJson`. */
export function canonicalDigest(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
