import {
  createHash,
  createPrivateKey,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
  X509Certificate,
} from 'node:crypto';
import { CertRebindError } from '../text/errors.ts';
import { element, elements, octetString, sequence } from './der.ts';
import { type CertificateWithKey, openPfx, type Pieces, wrapPfx } from './pfx.ts';

/** What opens a Java keystore, and which of its keys is meant. */
export interface KeystoreSecrets {
  readonly password: string;
  /** Of the key alone, where it has one of its own. */
  readonly keyPassword: string;
  /** `null` for the only one. */
  readonly alias: string | null;
}

const jks = 0xfeedfeed;
const jceks = 0xcececece;
const version = 2;
const keyTag = 1;
const trustedTag = 2;
const digestBytes = 20;
/** `KeyProtector` of Sun, 1.3.6.1.4.1.42.2.17.1.1. */
const protection = element(0x06, Buffer.from('2b060104012a02110101', 'hex'));

interface Entry {
  /** Java compares and stores them in small letters. */
  readonly alias: string;
  readonly whole: Buffer;
  /** `null` for a certificate that is trusted. */
  readonly key: { readonly protected: Buffer; readonly chain: readonly Buffer[] } | null;
}

/** Whether it is a keystore of Java's own form. What keytool writes since Java 9 is a PFX file, whatever it is called. */
export function isJks(bytes: Buffer): boolean {
  const magic = bytes.length < 4 ? 0 : bytes.readUInt32BE(0);
  if (magic === jceks)
    throw unfit('it is a JCEKS keystore, which keytool -importkeystore with -deststoretype pkcs12 converts');
  return magic === jks;
}

/** @throws CertRebindError `bad-input` */
export function openJks(bytes: Buffer, secrets: KeystoreSecrets): Pieces {
  const { key } = chosen(entriesIn(bytes, secrets.password), secrets.alias);
  return { certificates: key.chain, keys: [unprotected(key.protected, secrets.keyPassword)] };
}

/**
 * The same keystore with another certificate and key under the alias of the old one; a program that is told its alias would
 * go on with the old one otherwise. Other entries stay.
 * @throws CertRebindError `bad-input`
 */
export async function withCertificate(
  bytes: Buffer,
  found: CertificateWithKey,
  secrets: KeystoreSecrets,
): Promise<Buffer> {
  return isJks(bytes) ? inJks(bytes, found, secrets) : inPfx(bytes, found, secrets);
}

function inJks(bytes: Buffer, { leaf, key, intermediates }: CertificateWithKey, secrets: KeystoreSecrets): Buffer {
  const entries = entriesIn(bytes, secrets.password);
  const { alias, key: old } = chosen(entries, secrets.alias);
  // A program opens the new one with the password of the old one.
  unprotected(old.protected, secrets.keyPassword);
  const date = Buffer.alloc(8);
  date.writeBigInt64BE(BigInt(Date.now()));
  const chain = [leaf, ...intermediates];
  const fresh = Buffer.concat([
    int(keyTag),
    text(alias),
    date,
    sized(protectedKey(key, secrets.keyPassword)),
    int(chain.length),
    ...chain.flatMap((der) => [text('X.509'), sized(der)]),
  ]);
  const body = Buffer.concat([
    int(jks),
    int(version),
    int(entries.length),
    ...entries.map((entry) => (entry.alias === alias ? fresh : entry.whole)),
  ]);
  return Buffer.concat([body, digestOf(body, secrets.password)]);
}

/**
 * Whether two keystores differ in anything but the certificate and key of the alias.
 * @throws CertRebindError `bad-input`
 */
export async function differInOthers(one: Buffer, other: Buffer, secrets: KeystoreSecrets): Promise<boolean> {
  const [some, more] = await Promise.all([one, other].map((bytes) => besidesCertificate(bytes, secrets)));
  return some !== more;
}

async function besidesCertificate(bytes: Buffer, secrets: KeystoreSecrets): Promise<string> {
  if (!isJks(bytes)) return (await aliasInPfx(bytes, secrets)) ?? '';
  const entries = entriesIn(bytes, secrets.password);
  const { alias } = chosen(entries, secrets.alias);
  const others = entries.filter((entry) => entry.alias !== alias).map(({ whole }) => whole.toString('base64'));
  return [alias, ...others.sort()].join();
}

async function inPfx(bytes: Buffer, found: CertificateWithKey, secrets: KeystoreSecrets): Promise<Buffer> {
  return (await wrapPfx(found, secrets.password, await aliasInPfx(bytes, secrets))).pfx;
}

/** @throws CertRebindError `bad-input` where anything but one key with its chain would be lost */
async function aliasInPfx(bytes: Buffer, { password, alias: wanted }: KeystoreSecrets): Promise<string | null> {
  const { certificates, keys, alias = null } = await openPfx(bytes, password, 'the keystore');
  const [key, ...others] = keys;
  if (key === undefined) throw unfit('it has no private key');
  if (others.length > 0) throw unfit('it has several private keys, of which a PKCS12 keystore may only have one here');
  if (wanted !== null && alias !== null && !isSame(wanted, alias)) throw noSuchAlias(wanted, [alias]);
  const read = certificates.map((der) => new X509Certificate(der));
  const leaf = read.find((one) => one.checkPrivateKey(key));
  if (leaf !== undefined && chainAbove(leaf, read).length + 1 < read.length)
    throw unfit('it has other certificates besides the chain of its key, which would be lost');
  return alias ?? wanted;
}

/** The authorities of a certificate among others, the nearest first. */
export function chainAbove(leaf: X509Certificate, among: readonly X509Certificate[]): readonly X509Certificate[] {
  const [issuer] = among.filter((one) => one !== leaf && leaf.subject !== leaf.issuer && leaf.checkIssued(one));
  if (issuer === undefined) return [];
  return [
    issuer,
    ...chainAbove(
      issuer,
      among.filter((one) => one !== leaf),
    ),
  ];
}

function chosen(entries: readonly Entry[], alias: string | null): Entry & { readonly key: NonNullable<Entry['key']> } {
  const keys = entries.flatMap((entry) => (entry.key === null ? [] : [{ ...entry, key: entry.key }]));
  const [first, ...others] = alias === null ? keys : keys.filter((one) => isSame(one.alias, alias));
  const names = keys.map((one) => one.alias);
  if (first === undefined) throw alias === null ? unfit('it has no private key') : noSuchAlias(alias, names);
  if (others.length > 0)
    throw unfit(`it has several private keys, and the configuration names no alias: ${names.join(', ')}`);
  return first;
}

function entriesIn(bytes: Buffer, password: string): readonly Entry[] {
  const end = bytes.length - digestBytes;
  const body = bytes.subarray(0, Math.max(end, 0));
  if (end < 12 || !timingSafeEqual(digestOf(body, password), bytes.subarray(end)))
    throw unfit('the password does not open it, or it is damaged');
  let at = 4;
  const take = (length: number) => {
    if (length > body.length - at) throw unfit('it is damaged');
    at += length;
    return body.subarray(at - length, at);
  };
  const number = () => take(4).readUInt32BE(0);
  const word = () => take(take(2).readUInt16BE(0)).toString('utf8');
  const certificate = () => {
    if (word() !== 'X.509') throw unfit('a certificate in it is none of X.509');
    return take(number());
  };
  if (number() !== version) throw unfit('it is of an unknown version');
  return Array.from({ length: number() }, () => {
    const begun = at;
    const tag = number();
    const alias = word();
    take(8);
    if (tag === trustedTag) {
      certificate();
      return { alias, whole: body.subarray(begun, at), key: null };
    }
    if (tag !== keyTag) throw unfit('an entry of it is of an unknown kind');
    const secret = take(number());
    const chain: Buffer[] = [];
    for (let left = number(); left > 0; left--) chain.push(certificate());
    return { alias, whole: body.subarray(begun, at), key: { protected: secret, chain } };
  });
}

function unprotected(info: Buffer, password: string): KeyObject {
  const [outer] = elements(info);
  const [algorithm, secret] = elements(outer?.body);
  const data = secret?.body ?? Buffer.alloc(0);
  if (algorithm?.body.subarray(0, protection.length).equals(protection) !== true || data.length < 2 * digestBytes)
    throw unfit('its private key is protected in an unknown way');
  const salt = data.subarray(0, digestBytes);
  const plain = crypted(data.subarray(digestBytes, -digestBytes), password, salt);
  if (!checkOf(plain, password).equals(data.subarray(-digestBytes)))
    throw unfit('the password does not open its private key (keyPassword in the configuration)');
  return createPrivateKey({ key: plain, format: 'der', type: 'pkcs8' });
}

function protectedKey(key: KeyObject, password: string): Buffer {
  const plain = key.export({ format: 'der', type: 'pkcs8' });
  const salt = randomBytes(digestBytes);
  const data = [salt, crypted(plain, password, salt), checkOf(plain, password)];
  return element(sequence, element(sequence, protection, element(0x05)), element(octetString, ...data));
}

/** The same there and back: a stream of hashes over it, each of the password and the one before. */
function crypted(bytes: Buffer, password: string, salt: Buffer): Buffer {
  const stream: Buffer[] = [];
  for (let last = salt, length = 0; length < bytes.length; length += digestBytes) {
    last = sha1(wide(password), last);
    stream.push(last);
  }
  const mask = Buffer.concat(stream);
  return Buffer.from(bytes.map((byte, at) => byte ^ (mask[at] ?? 0)));
}

function checkOf(plain: Buffer, password: string): Buffer {
  return sha1(wide(password), plain);
}

function digestOf(body: Buffer, password: string): Buffer {
  return sha1(wide(password), Buffer.from('Mighty Aphrodite'), body);
}

function wide(password: string): Buffer {
  return Buffer.from(password, 'utf16le').swap16();
}

function sha1(...parts: readonly Buffer[]): Buffer {
  return createHash('sha1').update(Buffer.concat(parts)).digest();
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function sized(bytes: Buffer): Buffer {
  return Buffer.concat([int(bytes.length), bytes]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function noSuchAlias(alias: string, names: readonly string[]): CertRebindError {
  return unfit(`it has no private key with the alias ${alias}, only ${names.join(', ')}`);
}

function unfit(why: string): CertRebindError {
  return new CertRebindError('bad-input', { message: why });
}
