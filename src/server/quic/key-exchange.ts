import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** One half of a key exchange of TLS 1.3 (RFC 8446, 4.2.8). */
export interface KeyShare {
  readonly group: number;
  /** As it is sent. */
  readonly share: Buffer;
  /** @throws Error when the share of the other side is none */
  secretWith(other: Buffer): Buffer;
}

export const x25519 = 0x1d;

/** The length of a share, which is the end of the encoded public key. */
const groups: readonly (readonly [
  group: number,
  length: number,
  generate: () => { readonly publicKey: KeyObject; readonly privateKey: KeyObject },
])[] = [
  [x25519, 32, () => generateKeyPairSync('x25519')],
  [0x17, 65, () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  [0x18, 97, () => generateKeyPairSync('ec', { namedCurve: 'P-384' })],
];

/** For every group that Windows has unless a policy adds some, so that no server has to ask for another one. */
export function keyShares(): readonly KeyShare[] {
  return groups.map(([group, length, generate]) => {
    const { publicKey, privateKey } = generate();
    const encoded = publicKey.export({ format: 'der', type: 'spki' });
    return {
      group,
      share: encoded.subarray(-length),
      secretWith(other) {
        const key = Buffer.concat([encoded.subarray(0, -length), other]);
        return diffieHellman({ privateKey, publicKey: createPublicKey({ key, format: 'der', type: 'spki' }) });
      },
    };
  });
}
