import 'reflect-metadata';
import { createHash, createPrivateKey, createPublicKey, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** A lab's own certification authority: a root, and the intermediate that issues. Certificates are DER, keys PEM. */
export interface Authority {
  readonly root: Buffer;
  readonly intermediate: Buffer;
  readonly intermediateKey: string;
}

export interface NewAuthority extends Authority {
  /** With the same key under another name, as authorities change their intermediates. */
  readonly renewing: Buffer;
}

export interface LeafOptions {
  /** Host names (A-labels, a left-most `*` allowed) and IP addresses, as they go into the SAN. */
  readonly names: readonly string[];
  /** Common name of the subject; the first name when absent. */
  readonly commonName?: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** OIDs; `null` leaves the extension out. */
  readonly ekus: readonly string[] | null;
  /** Private key of the certificate, PEM. */
  readonly key: string;
}

export interface Leaf {
  /** 40 upper-case hex digits. */
  readonly thumbprint: string;
  readonly der: Buffer;
}

const year = 365 * 24 * 3600_000;

export async function makeAuthority(
  name: string,
  rootKey: string,
  intermediateKey: string,
  now: Date,
): Promise<NewAuthority> {
  const notBefore = new Date(now.getTime() - 2 * year);
  const notAfter = new Date(now.getTime() + 20 * year);
  const rootName = `CN=${name} Root (lab)`;
  const root = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: rootName,
    issuer: rootName,
    notBefore,
    notAfter,
    publicKey: publicKey(rootKey),
    signingKey: await signingKey(rootKey),
    signingAlgorithm: ecdsa,
    extensions: await authorityExtensions(rootKey, rootKey, 1),
  });
  const intermediate = async (subject: string): Promise<X509Certificate> =>
    X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject,
      issuer: rootName,
      notBefore,
      notAfter,
      publicKey: publicKey(intermediateKey),
      signingKey: await signingKey(rootKey),
      signingAlgorithm: ecdsa,
      extensions: await authorityExtensions(intermediateKey, rootKey, 0),
    });
  return {
    root: der(root),
    intermediate: der(await intermediate(`CN=${name} Issuing (lab)`)),
    renewing: der(await intermediate(`CN=${name} Issuing 2 (lab)`)),
    intermediateKey,
  };
}

export async function issueLeaf(authority: Authority, options: LeafOptions): Promise<Leaf> {
  const issuer = new X509Certificate(authority.intermediate);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [{ CN: [options.commonName ?? options.names[0] ?? 'lab'] }],
    issuer: issuer.subject,
    notBefore: options.notBefore,
    notAfter: options.notAfter,
    publicKey: publicKey(options.key),
    signingKey: await signingKey(authority.intermediateKey),
    signingAlgorithm: ecdsa,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
      ...(options.ekus === null ? [] : [new ExtendedKeyUsageExtension([...options.ekus])]),
      ...(options.names.length === 0 ? [] : [subjectAlternativeNames(options.names)]),
      await SubjectKeyIdentifierExtension.create(publicKey(options.key)),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return leafFrom(der(certificate));
}

export function leafFrom(certificate: Buffer): Leaf {
  return { der: certificate, thumbprint: createHash('sha1').update(certificate).digest('hex').toUpperCase() };
}

// The authority's own keys are always EC: signing with them is what `lab create` spends its time on.
const ecdsa = { name: 'ECDSA', hash: 'SHA-256' };

function signingKey(pem: string): Promise<webcrypto.CryptoKey> {
  const pkcs8 = createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' });
  return webcrypto.subtle.importKey('pkcs8', pkcs8, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign']);
}

function publicKey(pem: string): Buffer {
  return createPublicKey(pem).export({ format: 'der', type: 'spki' });
}

async function authorityExtensions(key: string, issuerKey: string, pathLength: number) {
  return [
    new BasicConstraintsExtension(true, pathLength, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    await SubjectKeyIdentifierExtension.create(publicKey(key)),
    await AuthorityKeyIdentifierExtension.create(publicKey(issuerKey)),
  ];
}

function subjectAlternativeNames(names: readonly string[]): SubjectAlternativeNameExtension {
  return new SubjectAlternativeNameExtension(
    names.map((value) => (isIP(value) === 0 ? { type: 'dns', value } : { type: 'ip', value })),
  );
}

/** Positive, as X.509 demands. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

function der(certificate: X509Certificate): Buffer {
  return Buffer.from(certificate.rawData);
}
