import { createCipheriv, createHmac, createPrivateKey, type KeyObject, pbkdf2Sync, randomBytes } from 'node:crypto';
import { type CertRebindError, messageFrom, wrongInput } from '../../base/errors.ts';
import { element, elements, identifierTag, inside, octetString, sequence } from './der.ts';

export interface CertificateWithKey {
  /** DER. */
  readonly leaf: Buffer;
  readonly key: KeyObject;
  /** DER, as they are in the files; those that issued themselves are left out. */
  readonly intermediates: readonly Buffer[];
  /** Those that issued themselves: no store gets them, but they tell who issued it. */
  readonly roots?: readonly Buffer[];
  readonly friendlyName: string | null;
  /** The cryptographic provider of Windows that the file wants for the key. */
  readonly provider: string | null;
}

/** What lies in a file, before it is known what belongs together. */
export interface Pieces extends Partial<Pick<CertificateWithKey, 'friendlyName' | 'provider'>> {
  /** DER. */
  readonly certificates: readonly Buffer[];
  readonly keys: readonly KeyObject[];
}

/** What a PFX file (PKCS #12) holds. @throws CertRebindError `bad-input` */
export async function openPfx(bytes: Uint8Array, password: string, where: string): Promise<Pieces> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.includes(oids.pbmac1))
    throw unfit(where, 'its integrity is protected by PBMAC1 (RFC 9579), which is not supported', {
      hint: 'Export it with SHA256. With OpenSSL: openssl pkcs12 -export -macalg sha256, without -pbmac1_pbkdf2.',
    });
  assertFewRounds([file], where);
  const library = await forge();
  const { asn1, util } = library;
  // From here on nothing waits, so that the rounds are those of this file.
  roundsLeft = mostRounds;
  try {
    const parsed = () => asn1.fromDer(file.toString('latin1'));
    try {
      return piecesIn(library, parsed(), password);
    } catch (cause) {
      if (/^[ -~]*$/.test(password) || /MAC could not be verified/.test(messageFrom(cause))) throw cause;
      // The password is right, but PBES2 takes it as UTF-8, where what is older takes UTF-16 (RFC 8018, RFC 7292).
      const checked = parsed();
      (checked.value as unknown[]).splice(2);
      return piecesIn(library, checked, util.encodeUtf8(password));
    }
  } catch (cause) {
    const why = messageFrom(cause);
    if (cause instanceof TooMuchWork) throw unfit(where, why);
    // The library's errors for a wrong password and a damaged file differ from format to format.
    throw /password|decrypt/i.test(why)
      ? notOpened(where, password)
      : unfit(where, 'it is neither a PFX nor a PEM file, or it is damaged');
  }
}

function piecesIn(library: Forge, file: Parameters<Forge['asn1']['toDer']>[0], password: string): Pieces {
  const { asn1, pkcs12, pki } = library;
  const derOf = (value: Parameters<typeof asn1.toDer>[0]) => Buffer.from(asn1.toDer(value).getBytes(), 'latin1');
  const bags = pkcs12.pkcs12FromAsn1(file, false, password).safeContents.flatMap(({ safeBags }) => safeBags);
  const keyTypes: readonly string[] = [pki.oids.keyBag ?? '', pki.oids.pkcs8ShroudedKeyBag ?? ''];
  const keyBags = bags.filter(({ type }) => keyTypes.includes(type));
  const certificateBags = bags.filter(({ type }) => type === pki.oids.certBag);
  const attribute = (among: typeof bags, name: string): string | null =>
    among.flatMap(({ attributes }): readonly string[] => attributes[name] ?? [])[0] ?? null;
  return {
    certificates: certificateBags.map(({ cert, asn1: raw }) => derOf(cert ? pki.certificateToAsn1(cert) : raw)),
    keys: keyBags.map(({ key: rsa, asn1: raw }) => {
      const key = derOf(rsa ? pki.wrapRsaPrivateKey(pki.privateKeyToAsn1(rsa)) : raw);
      if (key.length > longestKey) throw new TooMuchWork(`its private key is larger than ${longestKey / 1024} KB`);
      return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
    }),
    friendlyName: attribute(certificateBags, 'friendlyName'),
    provider: attribute(keyBags, providerName),
  };
}

const providerName = 'Microsoft CSP Name';
const mostRounds = 2_000_000;
let roundsLeft = mostRounds;

/** RSA 8192, or ML-DSA-87. With longer numbers DSA computes for minutes only to read its key. */
export const longestKey = 5 * 1024;

class TooMuchWork extends Error {}

/** What a file hides in its encrypted parts is counted as it is met. */
function spend(rounds: number): void {
  roundsLeft -= rounds;
  if (roundsLeft < 0) throw new TooMuchWork(tooMany(mostRounds - roundsLeft));
}

function tooMany(rounds: number): string {
  return `its password would have to be hashed ${rounds} times, and at most ${mostRounds} are allowed`;
}

/**
 * How often a password would have to be hashed for a PFX file or for private keys, as far as they say so openly (RFC 7292,
 * appendix C; RFC 8018; RFC 7914), before any of it is done.
 * @throws CertRebindError `bad-input` where that is too often
 */
export function assertFewRounds(ders: readonly Buffer[], where: string): void {
  let rounds = 0;
  for (const der of ders) {
    const [file] = elements(der);
    const mac = inside(file, 2);
    if (mac?.tag === sequence) rounds += count(inside(mac, 2)?.body);
  }
  const waiting = [...ders];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    for (const { tag, body } of elements(part)) {
      if (tag === sequence) rounds += roundsOf(body);
      if ((tag & constructed) !== 0 || tag === octetString) waiting.push(body);
    }
  }
  if (rounds > mostRounds) throw unfit(where, tooMany(rounds));
}

/** Of one algorithm with its parameters: salt, then how often; of scrypt its three costs. */
function roundsOf(algorithm: Buffer): number {
  const [name, parameters] = elements(algorithm);
  const [, ...costs] = Array.from(elements(parameters?.body), ({ body }) => body);
  const id = name?.body.toString('hex') ?? '';
  if (id === scrypt) return costs.slice(0, 3).reduce((product, cost) => product * count(cost), 1);
  return passwordBased.test(id) ? count(costs[0]) : 0;
}

function count(integer: Buffer | undefined): number {
  if (integer === undefined) return 0;
  return integer.length > 8 ? Number.POSITIVE_INFINITY : Number(`0x0${integer.toString('hex')}`);
}

const scrypt = '2b06010401da47040b';
/** PBES1 and PBKDF2, and those of PKCS #12. */
const passwordBased = /^2a864886f70d01(?:050[13-6a-c]|0c01..)$/;
const constructed = 0x20;

type Forge = typeof import('node-forge/lib/forge.js')['default'];
let loaded: Promise<Forge> | null = null;

/** Loaded late, because hardly any start needs it. */
function forge(): Promise<Forge> {
  loaded ??= (async () => {
    await import('node-forge/lib/pkcs12.js');
    await import('node-forge/lib/sha512.js');
    const { default: library } = await import('node-forge/lib/forge.js');
    const { pki, pkcs5, pkcs12 } = library;
    Object.assign(pki.oids, { '1.3.6.1.4.1.311.17.1': providerName });
    const derive = pkcs12.generateKey;
    pkcs12.generateKey = pki.pbe.generatePkcs12Key = (password, salt, purpose, rounds, length, digest) => {
      spend(rounds);
      return derive(password, salt, purpose, rounds, length, digest);
    };
    // Its own needs ten seconds for the rounds that are usual today.
    pkcs5.pbkdf2 = (password, salt, rounds, length, { algorithm }) => {
      spend(rounds);
      const [secret, salted] = [Buffer.from(password, 'latin1'), Buffer.from(salt, 'latin1')];
      return pbkdf2Sync(secret, salted, rounds, length, algorithm).toString('latin1');
    };
    return library;
  })();
  return loaded;
}

const oids = {
  data: oid('2a864886f70d010701'),
  encryptedData: oid('2a864886f70d010706'),
  shroudedKeyBag: oid('2a864886f70d010c0a0102'),
  certBag: oid('2a864886f70d010c0a0103'),
  x509Certificate: oid('2a864886f70d01091601'),
  friendlyName: oid('2a864886f70d010914'),
  localKeyId: oid('2a864886f70d010915'),
  provider: oid('2b0601040182371101'),
  tripleDesSha1: oid('2a864886f70d010c0103'),
  sha1: oid('2b0e03021a'),
  pbmac1: oid('2a864886f70d01050e'),
};

const [nothing, integer, set, bmpString] = [0x05, 0x02, 0x31, 0x1e];
const [tagged, taggedOctets] = [0xa0, 0x80];
const rounds = 2048;

/**
 * The certificate as a PFX file that Windows from Server 2012 R2 on reads: TripleDES and SHA-1, which is what its own
 * exports are (fidelity: pfx-aes). It goes to this server's PowerShell, with a password of its own.
 */
export async function wrapPfx({
  leaf,
  key,
  intermediates,
  friendlyName,
  provider,
}: CertificateWithKey): Promise<{ readonly pfx: Buffer; readonly password: string }> {
  const password = randomBytes(24).toString('base64url');
  const { pkcs12, util, md } = await forge();
  roundsLeft = mostRounds;
  const derived = (salt: Buffer, purpose: 1 | 2 | 3, length: number) => {
    const salted = util.createBuffer(salt.toString('latin1'));
    const bytes = pkcs12.generateKey(password, salted, purpose, rounds, length, md.sha1.create());
    return Buffer.from(bytes.getBytes(), 'latin1');
  };
  const count = element(integer, Buffer.from([rounds >> 8, rounds & 0xff]));
  const encrypted = (plain: Buffer, tag: number) => {
    const salt = randomBytes(8);
    const cipher = createCipheriv('des-ede3-cbc', derived(salt, 1, 24), derived(salt, 2, 8));
    return [
      sequenceOf(oids.tripleDesSha1, sequenceOf(octetsOf(salt), count)),
      element(tag, cipher.update(plain), cipher.final()),
    ] as const;
  };
  const content = (type: Buffer, body: Buffer) => sequenceOf(type, element(tagged, body));
  const attribute = (type: Buffer, value: Buffer) => sequenceOf(type, element(set, value));
  const text = (value: string) => element(bmpString, Buffer.from(value, 'utf16le').swap16());
  const own = attribute(oids.localKeyId, octetsOf(Buffer.from([1])));
  const bag = (type: Buffer, body: Buffer, attributes: readonly Buffer[]) =>
    sequenceOf(type, element(tagged, body), ...(attributes.length === 0 ? [] : [element(set, ...attributes)]));
  const certificate = (der: Buffer, attributes: readonly Buffer[] = []) =>
    bag(oids.certBag, content(oids.x509Certificate, octetsOf(der)), attributes);
  const named = friendlyName === null ? [] : [attribute(oids.friendlyName, text(friendlyName))];
  const provided = provider === null ? [] : [attribute(oids.provider, text(provider))];
  const certificates = [certificate(leaf, [own, ...named]), ...intermediates.map((der) => certificate(der))];
  const protectedCertificates = sequenceOf(
    element(integer, Buffer.from([0])),
    sequenceOf(oids.data, ...encrypted(sequenceOf(...certificates), taggedOctets)),
  );
  const shroudedKey = sequenceOf(...encrypted(key.export({ format: 'der', type: 'pkcs8' }), octetString));
  const keys = sequenceOf(bag(oids.shroudedKeyBag, shroudedKey, [own, ...provided]));
  const safes = sequenceOf(content(oids.encryptedData, protectedCertificates), content(oids.data, octetsOf(keys)));
  const salt = randomBytes(8);
  const mac = createHmac('sha1', derived(salt, 3, 20))
    .update(safes)
    .digest();
  const digest = sequenceOf(sequenceOf(oids.sha1, element(nothing)), octetsOf(mac));
  const pfx = sequenceOf(
    element(integer, Buffer.from([3])),
    content(oids.data, octetsOf(safes)),
    sequenceOf(digest, octetsOf(salt), count),
  );
  return { pfx, password };
}

function sequenceOf(...parts: readonly Buffer[]): Buffer {
  return element(sequence, ...parts);
}

function octetsOf(bytes: Buffer): Buffer {
  return element(octetString, bytes);
}

function oid(hex: string): Buffer {
  return element(identifierTag, Buffer.from(hex, 'hex'));
}

/** For a missing password, or a wrong one. */
export function notOpened(where: string, password: string): CertRebindError {
  const why = password === '' ? 'it has a password, and none was given' : 'the password does not open it';
  return unfit(where, why, { hint: howToGive });
}

const howToGive =
  'Type the password when certrebind import asks for it, or pipe it: Get-Content password.txt | certrebind import <file>. In PowerShell: Import-CertRebindCertificate -Password (Read-Host -AsSecureString).';

export function unfit(where: string, why: string, more: { readonly hint?: string } = {}): CertRebindError {
  return wrongInput('bad-input', where, `cannot be imported: ${why}`, more);
}
