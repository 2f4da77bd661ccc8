import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import type { BroughtFile } from '../text/document.ts';
import { messageFrom } from '../text/errors.ts';
import { decodeAs, sniffEncoding } from '../text/text-encoding.ts';
import { type Certificate, isSignedBy, openX509, parseCertificate, publicKeyOf } from './certificate.ts';
import { certificatesInFile } from './certificate-files.ts';
import { type CertificateWithKey, demandFewRounds, longestKey, openPfx, type Pieces, unfit } from './pfx.ts';
import { parseThumbprint } from './thumbprint.ts';

export const longestFile = 1024 * 1024;
const mostCertificates = 32;

/**
 * Opens a PFX file, or PEM files that together hold a certificate with its key. Nothing is written anywhere.
 * @param password asked for only where a file is encrypted
 * @throws CertRebindError `bad-input` when a file is neither, the password is wrong, or they do not hold exactly one
 *   certificate with its key
 */
export async function openCertificate(
  files: readonly BroughtFile[],
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

/**
 * What it will be in a store. Of the authorities above it those in the file are known by their signatures, so that one
 * which this server knows not to be trusted is seen before anything is imported.
 */
export function arrivingCertificate(
  { leaf, intermediates, friendlyName }: CertificateWithKey,
  store: string,
): Certificate {
  const properties = { store, key: 'usable', archived: false, renewedTo: null, friendlyName } as const;
  const signed = openX509(leaf);
  const issuedBy = intermediates
    .map((der) => openX509(der))
    .filter((authority) => isSignedBy(signed, publicKeyOf(authority)))
    .map((authority) => parseThumbprint(authority.fingerprint, 'intermediate'));
  return { ...parseCertificate(leaf, properties), ...(issuedBy.length === 0 ? {} : { issuedBy }) };
}

/** @throws CertRebindError `bad-input` */
export async function piecesOf({ bytes, where }: BroughtFile, password: () => Promise<string>): Promise<Pieces> {
  if (bytes.length > longestFile) throw unfit(where, `it is larger than ${longestFile / 1024} KB`);
  const text = decodeAs(sniffEncoding(bytes) ?? 'utf-8', bytes) ?? '';
  if (text.includes('-----BEGIN ')) return piecesOfPem(text, bytes, password, where);
  const certificates = certificatesInFile(bytes);
  if (certificates.length > 0) return { certificates, keys: [] };
  return openPfx(bytes, await password(), where);
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
  demandFewRounds(ders, where);
  const keys: KeyObject[] = [];
  for (const block of blocks) {
    const isEncrypted = /ENCRYPTED/.test(block);
    const passphrase = isEncrypted ? { passphrase: await password() } : {};
    try {
      keys.push(createPrivateKey({ key: block, ...passphrase }));
    } catch {
      throw unfit(where, isEncrypted ? 'the password does not open it' : 'its private key cannot be read');
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
    throw unfit(
      where,
      'it contains no private key',
      'Export the certificate with its private key. For PEM files, name the file of the key with --key.',
    );
  const own = certificates.filter(({ certificate }) => certificate.checkPrivateKey(key));
  const [leaf] = own;
  if (leaf === undefined) throw unfit(where, 'its private key does not belong to any of its certificates');
  if (otherKeys.some((other) => !other.equals(key)) || own.length > 1)
    throw unfit(
      where,
      'it contains more than one certificate with a private key',
      'Export each certificate to a separate file.',
    );
  return {
    leaf: leaf.der,
    key,
    intermediates: certificates.filter((one) => one !== leaf && isIntermediate(one.certificate)).map(({ der }) => der),
    friendlyName: pieces.find(({ friendlyName }) => friendlyName)?.friendlyName ?? null,
    provider: pieces.find(({ provider }) => provider)?.provider ?? null,
  };
}

export function isIntermediate({ ca, subject, issuer }: X509Certificate): boolean {
  return ca && subject !== issuer;
}

/** One with a key that cannot be read goes along: it decides nothing, and Windows or a client may know more. */
function readCertificate(der: Buffer, where: string): X509Certificate {
  try {
    parseCertificate(der, { store: where, key: 'unknown', archived: false, renewedTo: null, friendlyName: null });
    return openX509(der);
  } catch (thrown) {
    throw unfit(
      where,
      `one of its certificates cannot be read: ${messageFrom(thrown).replace(/^.* cannot be read: /, '')}`,
    );
  }
}
