import { type KeyObject, X509Certificate } from 'node:crypto';
import { CertRebindError } from '../text/errors.ts';
import { piecesOf } from './certificate-with-key.ts';
import { chainAbove, isJks, type KeystoreSecrets, openJks } from './java-keystore.ts';
import type { CertificateWithKey, Pieces } from './pfx.ts';

/** The content of one file, or of the two of a PEM pair. */
export interface FileContents {
  readonly certificate: Buffer;
  /** `null` where the key is in the same file. */
  readonly key: Buffer | null;
}

/** What a program would take from them. */
export interface OpenedFiles {
  readonly leaf: X509Certificate;
  readonly key: KeyObject;
  /** Whether the one belongs to the other. */
  readonly isPair: boolean;
}

/**
 * @param keystore `null` where it should be none: what replaces it would lose its alias and its other entries
 * @throws CertRebindError `bad-input` where a file cannot be read as what it should be
 */
export async function openFiles(
  { certificate, key }: FileContents,
  password: () => Promise<string>,
  keystore: (Pick<KeystoreSecrets, 'alias'> & { readonly keyPassword: () => Promise<string> }) | null = null,
): Promise<OpenedFiles> {
  const whole = isJks(certificate)
    ? await openKeystore()
    : await piecesOf({ bytes: certificate, where: 'certificate' }, password);
  const [found] = (key === null ? whole : await piecesOf({ bytes: key, where: 'key' }, password)).keys;
  if (found === undefined) throw new CertRebindError('bad-input', { message: 'There is no private key in it.' });
  const leaf = leafOf(whole, found);
  return { leaf, key: found, isPair: leaf.checkPrivateKey(found) };

  async function openKeystore(): Promise<Pieces> {
    if (keystore === null)
      throw new CertRebindError('bad-input', { message: 'It is a Java keystore: set its format to jks.' });
    const { alias, keyPassword } = keystore;
    return openJks(certificate, { alias, password: await password(), keyPassword: await keyPassword() });
  }
}

/** Programs take the first of a PEM file; in a PFX the order means nothing. */
function leafOf({ certificates }: Pieces, key: KeyObject): X509Certificate {
  const all = certificates.map((der) => new X509Certificate(der));
  const leaf = all.find((one) => one.checkPrivateKey(key)) ?? all[0];
  if (leaf === undefined) throw new CertRebindError('bad-input', { message: 'There is no certificate in it.' });
  return leaf;
}

/** The same with its authorities in the order in which they are sent: files may hold them in any. */
export function inOrder(found: CertificateWithKey): CertificateWithKey {
  const others = found.intermediates.map((der) => new X509Certificate(der));
  const above = chainAbove(new X509Certificate(found.leaf), others);
  const rest = others.filter((one) => !above.includes(one));
  return { ...found, intermediates: [...above, ...rest].map(({ raw }) => raw) };
}

/** A certificate in PEM files, with everything that is sent along. @param password encrypts the key; `null` for none */
export function pemFiles(
  { leaf, key, intermediates }: CertificateWithKey,
  { isSplit, password }: { readonly isSplit: boolean; readonly password: string | null },
): FileContents {
  const chain = [leaf, ...intermediates].map((der) => new X509Certificate(der).toString()).join('');
  const encryption = password === null ? {} : { cipher: 'aes-256-cbc', passphrase: password };
  const pem = key.export({ type: 'pkcs8', format: 'pem', ...encryption }).toString();
  return isSplit
    ? { certificate: Buffer.from(chain), key: Buffer.from(pem) }
    : { certificate: Buffer.from(chain + pem), key: null };
}
