import { generateKeyPairSync } from 'node:crypto';
import { ecTestKeys, rsaTestKeys } from './test-keys.generated.ts';

export type KeyType = 'rsa' | 'ec';

/** A private key as PEM (PKCS #8) that is not among `used`: one of the pool, and a fresh one when all are in use. */
export function unusedKey(type: KeyType, used: ReadonlySet<string>): string {
  const pool = type === 'rsa' ? rsaTestKeys : ecTestKeys;
  return pool.find((key) => !used.has(key)) ?? freshKey(type);
}

function freshKey(type: KeyType): string {
  const { privateKey } =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}
