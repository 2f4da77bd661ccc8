import { createHash, type KeyObject, X509Certificate } from 'node:crypto';
import type { Time } from '../../base/document.ts';
import { CertRebindError, messageFrom, nullIfThrown } from '../../base/errors.ts';
import { type CertificateParts, certificateParts } from './certificate-der.ts';
import { exactHost } from './host-name.ts';
import { canonicalAddress } from './ip-address.ts';
import { normaliseStore } from './store-name.ts';
import { parseThumbprint, type Thumbprint } from './thumbprint.ts';

/** A certificate in one LocalMachine store. The same certificate in two stores is two entries. */
export interface Certificate {
  readonly thumbprint: Thumbprint;
  readonly sha256: string;
  /** `My` or `WebHosting`. */
  readonly store: string;
  readonly subject: string;
  readonly issuer: string;
  readonly serialNumber: string;
  /** First common name of the subject; counts as a name only without a SAN dNSName. */
  readonly commonName: string | null;
  /** SAN dNSName entries, lower case, A-labels. */
  readonly dnsNames: readonly string[];
  /** SAN iPAddress entries, canonical. */
  readonly ipAddresses: readonly string[];
  readonly notBefore: Time;
  readonly notAfter: Time;
  /** Extended key usages as OIDs; `null` when the extension is absent, which allows every usage. */
  readonly ekus: readonly string[] | null;
  /** For example `RSA 2048`, `EC P-256`. */
  readonly keyType: string;
  readonly key: KeyState;
  /** Why a key is unusable, or unknown although SYSTEM asked; absent if there is nothing to say. */
  readonly keyReason?: string;
  /** Who may use the key, or why that was not read; absent if it was not looked at. */
  readonly keyRights?: KeyRights;
  /** The hash under the signature where it is broken, a key usage without digitalSignature or keyEncipherment, CA:TRUE; else not there. */
  readonly weakHash?: 'SHA-1' | 'MD5';
  readonly signs?: false;
  readonly enciphers?: false;
  readonly authority?: true;
  readonly archived: boolean;
  /** Renewal property (CERT_RENEWAL_PROP_ID 64): the thumbprint of the successor. */
  readonly renewedTo: Thumbprint | null;
  readonly friendlyName: string | null;
  /** Whether the issuing certificates can be found on this server (built locally, nothing fetched). */
  readonly chain: 'complete' | 'incomplete' | 'unknown';
  /** Subjects of its issuers on this server up to the root and without it; absent where they are not known. */
  readonly intermediates?: readonly string[];
  /** The authorities of the snapshot that signed it; absent where nothing was read of them. */
  readonly issuedBy?: readonly Thumbprint[];
  readonly selfSigned?: true;
  /** In a list of what must not be trusted, or revoked by its issuer according to the revocation lists on this server. */
  readonly disallowed?: true;
  /** Of AD CS: the object identifier of its template. */
  readonly template?: string;
  /** SHA-256 of the public key. */
  readonly publicKey?: string;
}

/** What a handshake shows of a certificate. */
export type ServedCertificate = Pick<
  Certificate,
  'thumbprint' | 'subject' | 'issuer' | 'commonName' | 'dnsNames' | 'ipAddresses' | 'notBefore' | 'notAfter'
>;

/**
 * `unusable`: Windows said to SYSTEM that the key cannot be opened. `unknown`: there is a key, but somebody else asked, or
 * it did not open in time, or this .NET Framework cannot open it.
 */
export type KeyState = 'usable' | 'unusable' | 'missing' | 'unknown';

/** The security descriptor of a key as SDDL, and its file; or, as the end of a sentence, why it was not read. */
export type KeyRights = { readonly sddl: string; readonly file?: string } | { readonly why: string };

/** What a store knows about a certificate besides its bytes. */
export type StoreProperties = Pick<
  Certificate,
  'store' | 'key' | 'keyReason' | 'keyRights' | 'archived' | 'renewedTo' | 'friendlyName'
>;

/** Of one that is in no store. */
export const inNoStore = { store: '', key: 'unknown', archived: false, renewedTo: null, friendlyName: null } as const;

/**
 * Reads a certificate (DER, or PEM) as in a store.
 * @throws CertRebindError `bad-input` when the bytes are not a readable certificate
 */
export function parseCertificate(der: Uint8Array, properties: StoreProperties): Certificate {
  try {
    return describe(openX509(der), properties);
  } catch (thrown) {
    throw new CertRebindError('bad-input', {
      message: `A certificate in ${properties.store} cannot be read: ${messageFrom(thrown).slice(0, 200)}`,
      where: properties.store,
    });
  }
}

/** The longest that is parsed; with the largest signature of SLH-DSA one has 50 KB. */
const longestCertificate = 64 * 1024;

/** @throws Error when it is none, or too long to be one */
export function openX509(der: Uint8Array): X509Certificate {
  if (der.length > longestCertificate) throw new Error(`it is larger than ${longestCertificate / 1024} KB`);
  return new X509Certificate(der);
}

/** `null` where this build of Node cannot read it (ML-DSA, GOST, a curve without a name): what needs it is not checked. */
export function publicKeyOf(certificate: X509Certificate): KeyObject | null {
  return nullIfThrown(() => {
    const key = certificate.publicKey;
    // One that cannot be written again is none: asked for the details of an elliptic key at infinity, Node ends the process.
    key.export({ format: 'der', type: 'spki' });
    return key;
  });
}

/** A key that cannot be read proves nothing. */
export function isSignedBy(certificate: X509Certificate, key: KeyObject | null): boolean {
  try {
    return key !== null && certificate.verify(key);
  } catch {
    return false;
  }
}

function describe(certificate: X509Certificate, properties: StoreProperties): Certificate {
  const written = certificate.subjectAltName ?? '';
  const parts = certificateParts(certificate.raw);
  const { weakHash, signs, enciphers, template, publicKey } = parts;
  const isSelfSigned = certificate.subject === certificate.issuer && isSignedBy(certificate, publicKeyOf(certificate));
  return {
    ...properties,
    thumbprint: parseThumbprint(certificate.fingerprint, 'certificate'),
    sha256: certificate.fingerprint256.replaceAll(':', ''),
    store: normaliseStore(properties.store),
    subject: distinguishedName(certificate.subject),
    issuer: distinguishedName(certificate.issuer),
    serialNumber: certificate.serialNumber,
    commonName: firstPart(certificate.subject, 'CN'),
    dnsNames: alternativeNames(written, 'DNS').map((text) => exactHost(text) ?? text.toLowerCase()),
    ipAddresses: alternativeNames(written, 'IP Address').flatMap((text) => canonicalAddress(text) ?? []),
    notBefore: isoTime(certificate.validFrom),
    notAfter: isoTime(certificate.validTo),
    ekus: usagesOf(certificate),
    keyType: keyTypeOf(certificate, parts),
    publicKey: hashOf('sha256', publicKey),
    ...(isSelfSigned ? { selfSigned: true } : {}),
    ...(template === null ? {} : { template }),
    ...(weakHash === null ? {} : { weakHash }),
    ...(signs ? {} : { signs: false }),
    ...(enciphers ? {} : { enciphers: false }),
    ...(certificate.ca ? { authority: true } : {}),
    chain: 'unknown',
  };
}

/** Extended key usages, which Node calls `keyUsage`; `null` without the extension. */
export function usagesOf(certificate: X509Certificate): readonly string[] | null {
  const usages: readonly string[] | undefined = certificate.keyUsage;
  return usages ?? null;
}

/** In upper-case hexadecimal digits. */
export function hashOf(algorithm: string, bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest('hex').toUpperCase();
}

/** Type and escaped value of each part of a name, in the order of the certificate; Node writes one a line, or ` + `. */
function nameParts(name: string | undefined): readonly (readonly [string, string])[] {
  const parts = name === undefined || name === '' ? [] : name.split(/\n| \+ /);
  return parts.map((part) => {
    const equals = part.indexOf('=');
    return [part.slice(0, equals), part.slice(equals + 1)];
  });
}

/** The first part of a name of this type, without escapes; `null` if there is none. */
export function firstPart(name: string | undefined, wanted: string): string | null {
  const escaped = nameParts(name).find(([type]) => type === wanted)?.[1];
  return escaped?.replace(/\\(.)/g, '$1') ?? null;
}

/** As Windows shows it: the most particular part first, `E` and `S` for mail and state. */
export function distinguishedName(name: string | undefined): string {
  const windowsTypes: Readonly<Record<string, string>> = { emailAddress: 'E', ST: 'S' };
  const parts = nameParts(name).map(([type, value]) => `${windowsTypes[type] ?? type}=${value}`);
  return parts.reverse().join(', ');
}

/**
 * Takes Node's text of the extension apart: entries divided by comma and blank, and an entry that could be mistaken
 * for two stands in JSON quotes.
 */
function alternativeNames(written: string, wanted: 'DNS' | 'IP Address'): readonly string[] {
  const names = [...written.matchAll(alternativeName)].filter(([, kind]) => kind === wanted);
  return names.map(([, , text = '']) => (text.startsWith('"') ? String(JSON.parse(text)) : text));
}

const alternativeName = /(?:^|, )([A-Za-z][A-Za-z ]*):("(?:[^"\\]|\\.)*"|[^,]*)/gy;

export function isoTime(text: string): string {
  return new Date(text).toISOString();
}

/**
 * Names of keys by their object identifier, since Node does not read all of them: RFC 8410 (Ed25519), 3279 (DSA), 9881
 * (ML-DSA), 9909 (SLH-DSA) and 9215 (GOST). SM2 is known by its curve.
 */
export const keyTypes: ReadonlyMap<string, string> = new Map([
  ['1.3.101.112', 'Ed25519'],
  ['1.3.101.113', 'Ed448'],
  ['1.2.840.10040.4.1', 'DSA'],
  ...inOrder(17, ['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87']),
  ...inOrder(
    20,
    ['SHA2', 'SHAKE'].flatMap((hash) =>
      ['128s', '128f', '192s', '192f', '256s', '256f'].map((size) => `SLH-DSA-${hash}-${size}`),
    ),
  ),
  ['1.2.643.2.2.19', 'GOST R 34.10-2001'],
  ['1.2.643.7.1.1.1.1', 'GOST R 34.10-2012 256'],
  ['1.2.643.7.1.1.1.2', 'GOST R 34.10-2012 512'],
  ['1.2.156.10197.1.301', 'SM2'],
]);

/** Of NIST. */
function inOrder(first: number, names: readonly string[]): readonly (readonly [string, string])[] {
  return names.map((name, at) => [`2.16.840.1.101.3.4.3.${first + at}`, name]);
}

const curveNames: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

/** `RSA` of `RSA 2048`: a longer key of the same kind is nothing new. */
export function algorithm({ keyType }: Pick<Certificate, 'keyType'>): string {
  return keyType.replace(/ .*/s, '');
}

/** The kinds of keys that Windows serves TLS with (fidelity: servable-keys). */
export function isServableKey({ keyType }: Pick<Certificate, 'keyType'>): boolean {
  return ['RSA', 'RSA-PSS', 'EC'].includes(algorithm({ keyType }));
}

/** A key that cannot be read does not make the certificate unreadable. */
function keyTypeOf(certificate: X509Certificate, { keyAlgorithm, keyCurve }: CertificateParts): string {
  const named = keyTypes.get(keyAlgorithm) ?? keyTypes.get(keyCurve);
  if (named !== undefined) return named;
  const key = publicKeyOf(certificate);
  const { modulusLength, namedCurve } = key?.asymmetricKeyDetails ?? {};
  switch (key?.asymmetricKeyType) {
    case 'rsa':
      return `RSA ${modulusLength}`;
    case 'rsa-pss':
      return `RSA-PSS ${modulusLength}`;
    case 'ec':
      return `EC ${curveNames[namedCurve ?? ''] ?? namedCurve}`;
    default:
      return `unknown ${keyAlgorithm}`.trim();
  }
}
