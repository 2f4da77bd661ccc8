import 'reflect-metadata';
import { createHash, createPrivateKey, createPublicKey, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  type JsonName,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
  X509Crl,
  X509CrlGenerator,
} from '@peculiar/x509';

/** A certification authority of a lab: a root, and the intermediate that issues. Certificates are DER, keys PEM. */
export interface Authority {
  readonly root: Buffer;
  readonly intermediate: Buffer;
  readonly intermediateKey: string;
}

/** As the lab keeps it, whether or not the server trusts it. */
export interface LabAuthority extends Authority {
  /** The intermediate with the same key under another name, as authorities change theirs. */
  readonly renewing: Buffer;
  readonly rootKey: string;
  /** Its root as the root of another authority signed it; sent with what it issues. */
  readonly crossed: Buffer | null;
}

export interface AuthorityOptions {
  readonly organisation?: string;
  readonly crossSignedBy?: { readonly root: Buffer; readonly rootKey: string };
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
  { organisation, crossSignedBy }: AuthorityOptions = {},
): Promise<LabAuthority> {
  const notBefore = new Date(now.getTime() - 2 * year);
  const notAfter = new Date(now.getTime() + 20 * year);
  const called = (what: string): JsonName => [
    ...(organisation === undefined ? [] : [{ O: [organisation] }]),
    { CN: [`${name} ${what} (lab)`] },
  ];
  const certify = async (what: string, key: string, issuer: JsonName, issuerKey: string, pathLength: number) =>
    der(
      await X509CertificateGenerator.create({
        serialNumber: serialNumber(),
        subject: called(what),
        issuer,
        notBefore,
        notAfter,
        publicKey: publicKey(key),
        signingKey: await signingKey(issuerKey),
        signingAlgorithm: ecdsa,
        extensions: await authorityExtensions(key, issuerKey, pathLength),
      }),
    );
  const root = called('Root');
  return {
    root: await certify('Root', rootKey, root, rootKey, 2),
    intermediate: await certify('Issuing', intermediateKey, root, rootKey, 0),
    renewing: await certify('Issuing 2', intermediateKey, root, rootKey, 0),
    intermediateKey,
    rootKey,
    crossed:
      crossSignedBy === undefined
        ? null
        : await certify('Root', rootKey, subjectOf(crossSignedBy.root), crossSignedBy.rootKey, 1),
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

/**
 * The list of a certificate's issuer with this one on it besides those that are (RFC 5280, 5), DER.
 * @param key of the issuer
 * @param lists of any issuer
 */
export async function revoke(certificate: Buffer, key: string, lists: readonly Buffer[]): Promise<Buffer> {
  const { serialNumber, issuer } = new X509Certificate(certificate);
  const known = lists.map((der) => new X509Crl(der)).filter((list) => list.issuer === issuer);
  const revoked = new Set([serialNumber, ...known.flatMap(({ entries }) => entries.map((one) => one.serialNumber))]);
  const list = await X509CrlGenerator.create({
    issuer,
    // Without a next update the library reads no entries back.
    nextUpdate: new Date(Date.now() + year),
    entries: [...revoked].map((one) => ({ serialNumber: one })),
    signingKey: await signingKey(key),
    signingAlgorithm: ecdsa,
  });
  return Buffer.from(list.rawData);
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

function subjectOf(certificate: Buffer): JsonName {
  return new X509Certificate(certificate).subjectName.toJSON();
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
