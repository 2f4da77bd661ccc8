import { createECDH, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { ecNumbers, rsaPrimes } from './test-keys.ts';

export type KeyType = 'rsa' | 'ec';

/** How many of each kind there are. */
export const poolSizes: Readonly<Record<KeyType, number>> = { rsa: rsaPrimes.length, ec: ecNumbers.length };

/** A private key as PEM (PKCS #8) that is not among `used`: one of the pool, and a fresh one when all are in use. */
export function unusedKey(type: KeyType, used: ReadonlySet<string>): string {
  for (let at = 0; at < poolSizes[type]; at++) {
    const key = testKey(type, at);
    if (!used.has(key)) return key;
  }
  return freshKey(type);
}

const made: Readonly<Record<KeyType, string[]>> = { rsa: [], ec: [] };

/** A key of the pool, as PEM. */
export function testKey(type: KeyType, at: number): string {
  const key = made[type][at] ?? pemOf(type === 'rsa' ? rsaKey(rsaPrimes[at] ?? ['', '']) : ecKey(ecNumbers[at] ?? ''));
  made[type][at] = key;
  return key;
}

function freshKey(type: KeyType): string {
  const { privateKey } =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return pemOf(privateKey);
}

/** What follows from the primes, as openssl does it. */
function rsaKey([p, q]: readonly [string, string]): KeyObject {
  const e = 65537n;
  const [first, second] = [numberOf(p), numberOf(q)];
  const [ofFirst, ofSecond] = [first - 1n, second - 1n];
  const d = inverse(e, (ofFirst * ofSecond) / divisor(ofFirst, ofSecond));
  const rest = [first * second, e, d, d % ofFirst, d % ofSecond, inverse(second, first)].map(textOf);
  const [n = '', exponent = '', own = '', dp = '', dq = '', qi = ''] = rest;
  return createPrivateKey({ format: 'jwk', key: { kty: 'RSA', n, e: exponent, d: own, p, q, dp, dq, qi } });
}

function ecKey(d: string): KeyObject {
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(Buffer.from(d, 'base64url'));
  const point = curve.getPublicKey();
  const [x = '', y = ''] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'));
  return createPrivateKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', d, x, y } });
}

function inverse(number: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [number % modulus, modulus, 1n, 0n];
  while (b !== 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  return ((x % modulus) + modulus) % modulus;
}

function divisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : divisor(b, a % b);
}

function numberOf(text: string): bigint {
  return BigInt(`0x${Buffer.from(text, 'base64url').toString('hex')}`);
}

function textOf(number: bigint): string {
  const hex = number.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url');
}

function pemOf(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'pkcs8' }).toString();
}
