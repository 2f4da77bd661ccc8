import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import type { InputFile } from '../../base/document.ts';
import { messageFrom } from '../../base/errors.ts';
import { decodeAs, sniffEncoding } from '../../base/text-encoding.ts';
import { type Certificate, inNoStore, openX509, parseCertificate } from './certificate.ts';
import { certificatesInFile } from './certificate-files.ts';
import { assertFewRounds, type CertificateWithKey, longestKey, notOpened, openPfx, type Pieces, unfit } from './pfx.ts';

export const longestFile = 1024 * 1024;
const mostCertificates = 32;

/**
 * Opens a PFX file, or PEM or DER files that together hold a certificate with its key. Nothing is written anywhere.
 * @param password asked for only where a file is encrypted
 * @throws CertRebindError `bad-input` when a file is neither, the password is wrong, or they do not hold exactly one
 *   certificate with its key
 */
export async function openCertificate(
  files: readonly InputFile[],
  password: () => Promise<string>,
): Promise<CertificateWithKey> {
  let asked: Promise<string> | null = null;
  const once = () => {
    asked ??= password();
    return asked;
  };
  const pieces: Pieces[] = [];
  for (const file of files) pieces.push(await piecesOf(file, once));
  return onlyCertificate(pieces, files.map(({ where }) => where).join(' with '));
}

/** A certificate that is to be put into a store, and the files it came from. */
export interface Arriving {
  readonly found: Pick<CertificateWithKey, 'leaf' | 'intermediates' | 'roots'>;
  readonly certificate: Certificate;
}

/** DER, whether a store gets them or not. */
export function authoritiesWith({ found: { intermediates, roots = [] } }: Arriving): readonly Buffer[] {
  return [...intermediates, ...roots];
}

/** The certificates of the stores once it is in its own; an entry with its key stays. */
export function withArrived(certificates: readonly Certificate[], arrived: Certificate): readonly Certificate[] {
  const there = certificates.find((one) => isSameEntry(one, arrived));
  if (there !== undefined && there.key !== 'missing') return certificates;
  return [...certificates.filter((one) => one !== there), arrived];
}

/** Of one certificate in one store. */
export function isSameEntry(one: Certificate, { thumbprint, store }: Certificate): boolean {
  return one.thumbprint === thumbprint && one.store === store;
}

/** What it will be in a store, but for who vouches for it, which the server tells (`Server.snapshot`). */
export function arrivingCertificate(
  { leaf, friendlyName }: Pick<CertificateWithKey, 'leaf' | 'friendlyName'>,
  store: string,
): Certificate {
  return parseCertificate(leaf, { store, key: 'usable', archived: false, renewedTo: null, friendlyName });
}

/** @throws CertRebindError `bad-input` */
export async function piecesOf({ bytes, where }: InputFile, password: () => Promise<string>): Promise<Pieces> {
  if (bytes.length > longestFile) throw unfit(where, `it is larger than ${longestFile / 1024} KB`);
  const text = decodeAs(sniffEncoding(bytes) ?? 'utf-8', bytes) ?? '';
  if (text.includes('-----BEGIN ')) return piecesOfPem(text, bytes, password, where);
  const certificates = certificatesInFile(bytes);
  if (certificates.length > 0) return { certificates, keys: [] };
  const key = keyInDer(Buffer.from(bytes));
  return key === null ? openPfx(bytes, await password(), where) : { certificates, keys: [key] };
}

/** Not encrypted, of a length that is read at once; `null` for anything else. */
function keyInDer(key: Buffer): KeyObject | null {
  if (key.length > longestKey) return null;
  for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const)
    try {
      return createPrivateKey({ key, format: 'der', type });
    } catch {}
  return null;
}

/** PKCS #1, SEC 1, PKCS #8 and encrypted ones; not the parameters of a curve, which stand before a key. */
const keyBlock = /^-----BEGIN (?:[A-Z0-9]+ )?PRIVATE KEY-----/;

async function piecesOfPem(
  text: string,
  bytes: Uint8Array,
  password: () => Promise<string>,
  where: string,
): Promise<Pieces> {
  if (text.split('-----BEGIN ').length !== text.split('-----END ').length)
    throw unfit(where, 'a part of it is cut off');
  const blocks = text.split(/(?=-----BEGIN )/).filter((block) => keyBlock.test(block));
  const ders = blocks.map((block) => Buffer.from(block.split('-----')[2] ?? '', 'base64'));
  if (ders.some(({ length }) => length > longestKey))
    throw unfit(where, `its private key is larger than ${longestKey / 1024} KB`);
  assertFewRounds(ders, where);
  const keys: KeyObject[] = [];
  for (const block of blocks) {
    const passphrase = /ENCRYPTED/.test(block) ? await password() : undefined;
    try {
      keys.push(createPrivateKey({ key: block, ...(passphrase === undefined ? {} : { passphrase }) }));
    } catch {
      throw passphrase === undefined ? unfit(where, 'its private key cannot be read') : notOpened(where, passphrase);
    }
  }
  return { certificates: certificatesInFile(bytes), keys };
}

/** @throws CertRebindError `bad-input` where it is not one, and only one */
function onlyCertificate(pieces: readonly Pieces[], where: string): CertificateWithKey {
  const ders = pieces.flatMap(({ certificates }) => certificates);
  if (ders.length > mostCertificates) throw unfit(where, `it contains ${ders.length} certificates`);
  const distinct = [...new Map(ders.map((der) => [der.toString('base64'), der])).values()];
  const certificates = distinct.map((der) => ({ der, certificate: readCertificate(der, where) }));
  const [key, ...otherKeys] = pieces.flatMap(({ keys }) => keys);
  if (key === undefined)
    throw unfit(where, 'it contains no private key', {
      hint: 'Export the certificate with its private key. For PEM files, name the file of the key with --key.',
    });
  const own = certificates.filter(({ certificate }) => certificate.checkPrivateKey(key));
  const [leaf] = own;
  if (leaf === undefined) throw unfit(where, 'its private key does not belong to any of its certificates');
  if (otherKeys.some((other) => !other.equals(key)) || own.length > 1)
    throw unfit(where, 'it contains more than one certificate with a private key', {
      hint: 'Export each certificate to a separate file.',
    });
  return {
    leaf: leaf.der,
    key,
    intermediates: certificates.filter((one) => one !== leaf && isIntermediate(one.certificate)).map(({ der }) => der),
    roots: certificates.filter((one) => one !== leaf && isRoot(one.certificate)).map(({ der }) => der),
    friendlyName: pieces.find(({ friendlyName }) => friendlyName)?.friendlyName ?? null,
    provider: pieces.find(({ provider }) => provider)?.provider ?? null,
  };
}

export function isIntermediate({ ca, subject, issuer }: X509Certificate): boolean {
  return ca && subject !== issuer;
}

export function isRoot({ ca, subject, issuer }: X509Certificate): boolean {
  return ca && subject === issuer;
}

/** One with a key that cannot be read goes along: it decides nothing, and Windows or a client may know more. */
function readCertificate(der: Buffer, where: string): X509Certificate {
  try {
    parseCertificate(der, { ...inNoStore, store: where });
    return openX509(der);
  } catch (thrown) {
    const why = messageFrom(thrown).replace(/^.* cannot be read: /, '');
    throw unfit(where, `one of its certificates cannot be read: ${why}`);
  }
}
