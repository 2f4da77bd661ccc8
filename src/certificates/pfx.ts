import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { CertRebindError, messageFrom } from '../text/errors.ts';

/** What a PFX file (PKCS #12) holds: one certificate with its key, and certificates of authorities. */
export interface Pfx {
  /** DER. */
  readonly leaf: Buffer;
  readonly key: KeyObject;
  /** DER, as they are in the file; those that issued themselves are left out. */
  readonly intermediates: readonly Buffer[];
  /** Windows before build 17763 cannot open such a file (fidelity: pfx-aes). */
  readonly isAes: boolean;
}

const longestFile = 1024 * 1024;
const mostCertificates = 32;

/**
 * Opens a PFX file with its password. Nothing is written anywhere.
 * @param where how to call the file in an error
 * @throws CertRebindError `bad-input` when it is not a PFX file, the password is wrong, or it does not hold exactly one
 *   certificate with its key
 */
export async function openPfx(bytes: Uint8Array, password: string, where: string): Promise<Pfx> {
  if (bytes.length > longestFile) throw unfit(where, `it is larger than ${longestFile / 1024} KB`);
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { ders, keys } = await contents(file, password, where);
  if (ders.length > mostCertificates) throw unfit(where, `it contains ${ders.length} certificates`);
  const certificates = ders.map((der) => ({ der, certificate: readCertificate(der, where) }));
  const [key, ...otherKeys] = keys;
  if (key === undefined)
    throw unfit(where, 'it contains no private key', 'Export the certificate with its private key.');
  const own = certificates.filter(({ certificate }) => certificate.checkPrivateKey(key));
  const [leaf] = own;
  if (leaf === undefined) throw unfit(where, 'its private key does not belong to any of its certificates');
  if (otherKeys.length > 0 || own.length > 1)
    throw unfit(
      where,
      'it contains more than one certificate with a private key',
      'Export each certificate to a separate file.',
    );
  const intermediates = certificates.filter(
    (one) => one !== leaf && one.certificate.ca && one.certificate.subject !== one.certificate.issuer,
  );
  return {
    leaf: leaf.der,
    key,
    intermediates: intermediates.map(({ der }) => der),
    isAes: aesIdentifiers.some((identifier) => file.includes(identifier)),
  };
}

/** The object identifiers of AES-128-CBC, 192 and 256 (RFC 3565, 4.1), as they stand unencrypted beside what they encrypt. */
const aesIdentifiers = [0x02, 0x16, 0x2a].map((last) => Buffer.from([0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, last]));

interface Contents {
  readonly ders: readonly Buffer[];
  readonly keys: readonly KeyObject[];
}

async function contents(file: Buffer, password: string, where: string): Promise<Contents> {
  // Loaded late, because hardly any start needs it.
  await import('node-forge/lib/pkcs12.js');
  const { asn1, pkcs12, pki } = (await import('node-forge/lib/forge.js')).default;
  const derOf = (value: Parameters<typeof asn1.toDer>[0]) => Buffer.from(asn1.toDer(value).getBytes(), 'latin1');
  try {
    const opened = pkcs12.pkcs12FromAsn1(asn1.fromDer(file.toString('latin1')), false, password);
    const bags = opened.safeContents.flatMap(({ safeBags }) => safeBags);
    const keyTypes: readonly string[] = [pki.oids.keyBag ?? '', pki.oids.pkcs8ShroudedKeyBag ?? ''];
    return {
      ders: bags
        .filter(({ type }) => type === pki.oids.certBag)
        .map(({ cert, asn1: raw }) => derOf(cert ? pki.certificateToAsn1(cert) : raw)),
      keys: bags
        .filter(({ type }) => keyTypes.includes(type))
        .map(({ key, asn1: raw }) =>
          createPrivateKey({
            key: derOf(key ? pki.wrapRsaPrivateKey(pki.privateKeyToAsn1(key)) : raw),
            format: 'der',
            type: 'pkcs8',
          }),
        ),
    };
  } catch (cause) {
    throw unopened(password, where, cause);
  }
}

/** The library's errors for a wrong password and a damaged file differ from format to format. */
function unopened(password: string, where: string, cause: unknown): CertRebindError {
  const why = messageFrom(cause);
  if (!/password|decrypt/i.test(why)) return unfit(where, 'it is not a PFX file, or it is damaged');
  return /^[ -~]*$/.test(password)
    ? unfit(where, 'the password does not open it')
    : unfit(
        where,
        'the password does not open it',
        'If the password has non-ASCII characters, export the file with a password without them.',
      );
}

function readCertificate(der: Buffer, where: string): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch {
    throw unfit(where, 'one of its certificates cannot be read');
  }
}

function unfit(where: string, why: string, hint?: string): CertRebindError {
  return new CertRebindError('bad-input', {
    message: `${where} cannot be imported: ${why}.`,
    where,
    ...(hint === undefined ? {} : { hint }),
  });
}
