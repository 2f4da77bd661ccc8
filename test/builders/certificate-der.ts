import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { poolSizes, testKey } from '../../src/lab/host/keys.ts';

export interface DerParts {
  readonly subject: string;
  readonly issuer: string;
  /** SAN entries: DNS names and IP addresses. */
  readonly names: readonly string[];
  readonly notBefore: string;
  readonly notAfter: string;
  /** OIDs; `null` leaves the extension out. */
  readonly ekus: readonly string[] | null;
  readonly keyType: 'rsa' | 'ec' | 'ed25519';
  /** What makes certificates with the same content differ. */
  readonly seed: string;
  /** What its key is made of, where that is not the seed: others may have the same. */
  readonly keySeed?: string;
  readonly authority: boolean;
  /** Seed of the Ed25519 key that signs it, the same bytes each time; zeros are the signature without one. */
  readonly signedBy?: string;
  /** Organisations of the subject and of the issuer. */
  readonly organisations?: readonly [string | null, string | null];
  /** In the place of its key (DER, SubjectPublicKeyInfo). */
  readonly publicKey?: Buffer;
  /** Further extensions: object identifier and value. */
  readonly more?: readonly (readonly [string, Buffer])[];
}

/**
 * A certificate in every respect; without a signer its signature is zeros: whatever only reads certificates cannot tell,
 * it is made at once and without a key, and the same parts give the same bytes.
 */
export function certificateDer(parts: DerParts): Buffer {
  const { signedBy } = parts;
  const algorithm = sequence(oid(signedBy === undefined ? '1.2.840.10045.4.3.2' : '1.3.101.112'));
  const seed = digestOf(parts.seed);
  const [organisation, issuerOrganisation] = parts.organisations ?? [null, null];
  const toBeSigned = sequence(
    element(0xa0, element(0x02, Buffer.from([2]))),
    element(0x02, Buffer.concat([Buffer.from([0x40]), seed.subarray(0, 15)])),
    algorithm,
    name(parts.issuer, issuerOrganisation),
    sequence(time(parts.notBefore), time(parts.notAfter)),
    name(parts.subject, organisation),
    parts.publicKey ?? publicKeyOf(parts).export({ format: 'der', type: 'spki' }),
    element(0xa3, sequence(...extensions(parts))),
  );
  const signature = signedBy === undefined ? Buffer.alloc(64) : sign(null, toBeSigned, signingKey(signedBy));
  return sequence(toBeSigned, algorithm, element(0x03, Buffer.concat([Buffer.alloc(1), signature])));
}

function digestOf(seed: string): Buffer {
  return createHash('sha256').update(seed).digest();
}

function publicKeyOf({ keyType, seed: own, keySeed: seed = own }: DerParts): KeyObject {
  return createPublicKey(keyType === 'ed25519' ? signingKey(seed) : privateKeyOf(seed, keyType));
}

/** The private key of a certificate that is made from this seed. */
export function privateKeyOf(seed: string, keyType: 'rsa' | 'ec' = 'ec'): KeyObject {
  return createPrivateKey(testKey(keyType, digestOf(seed).readUInt16BE(0) % poolSizes[keyType]));
}

/** The seed is the key (RFC 8410). */
function signingKey(seed: string): KeyObject {
  const known = signingKeys.get(seed);
  if (known !== undefined) return known;
  const key = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), digestOf(seed)]);
  const made = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  signingKeys.set(seed, made);
  return made;
}

const signingKeys = new Map<string, KeyObject>();

function extensions({ names, ekus, authority, more = [] }: DerParts): readonly Buffer[] {
  return [
    ...(authority ? [extension('2.5.29.19', sequence(element(0x01, Buffer.from([0xff]))))] : []),
    ...(names.length === 0 ? [] : [extension('2.5.29.17', sequence(...names.map(generalName)))]),
    ...(ekus === null ? [] : [extension('2.5.29.37', sequence(...ekus.map(oid)))]),
    ...more.map(([id, value]) => extension(id, value)),
  ];
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), element(0x04, value));
}

function generalName(text: string): Buffer {
  return isIP(text) === 0 ? element(0x82, Buffer.from(text, 'ascii')) : element(0x87, addressBytes(text));
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail = ''] = address.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const zeros = Array<string>(8 - groups(head).length - groups(tail).length).fill('0');
  const all = address.includes('::') ? [...groups(head), ...zeros, ...groups(tail)] : groups(address);
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/** A distinguished name of a common name, below an organisation where it has one. */
function name(commonName: string, organisation: string | null): Buffer {
  const part = (id: string, text: string) => element(0x31, sequence(oid(id), element(0x0c, Buffer.from(text))));
  return sequence(...(organisation === null ? [] : [part('2.5.4.10', organisation)]), part('2.5.4.3', commonName));
}

function time(iso: string): Buffer {
  const digits = new Date(iso).toISOString().replace(/[-:T]|\..*$/g, '');
  return element(0x18, Buffer.from(`${digits}Z`));
}

export function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = rest.flatMap((part) => {
    const sevens: number[] = [part & 0x7f];
    for (let left = part >>> 7; left > 0; left >>>= 7) sevens.unshift((left & 0x7f) | 0x80);
    return sevens;
  });
  return element(0x06, Buffer.from([first * 40 + second, ...bytes]));
}

export function sequence(...parts: readonly Buffer[]): Buffer {
  return element(0x30, Buffer.concat(parts));
}

export function element(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const digits =
    length < 0x100
      ? [length]
      : length < 0x10000
        ? [length >>> 8, length & 0xff]
        : [length >>> 16, (length >>> 8) & 0xff, length & 0xff];
  const size = length < 0x80 ? digits : [0x80 + digits.length, ...digits];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
