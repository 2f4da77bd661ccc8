import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { CertRebindError } from '../../base/errors.ts';
import { algorithm, type Certificate, hashOf, inNoStore, parseCertificate, publicKeyOf } from './certificate.ts';
import { arrivingCertificate, isIntermediate, isRoot, piecesOf } from './certificate-with-key.ts';
import { certificateNames } from './host-name.ts';
import type { CertificateWithKey, Pieces } from './pfx.ts';

/** A file of a folder that is watched: its bytes, or why it could not be read. */
export type SourceFile = {
  /** Below the folder, with `/`. */
  readonly path: string;
  readonly modified: number;
} & ({ readonly bytes: Uint8Array } | Trouble);

export interface Trouble {
  readonly why: string;
  /** It is not half written: nothing beside it has to wait. */
  readonly final?: boolean;
}

/** A certificate with its key, whole, from one file or several. */
export interface FoundSet {
  readonly found: CertificateWithKey;
  readonly certificate: Certificate;
  /** Those whose content it is made of. */
  readonly files: readonly string[];
}

export interface Source {
  readonly sets: readonly FoundSet[];
  /** What cannot be used, and may be half written. */
  readonly incomplete: readonly (Trouble & { readonly path: string })[];
}

const endings = /\.(?:pfx|p12|pem|crt|cer|key)$/i;
const skipped = /^(?:[.~]|archive$|backup$)/i;

/** Not hidden, temporary or a backup; clients keep what they replaced in `archive` and `backup`. */
export function isSourceFile(path: string): boolean {
  const names = path.split('/');
  return endings.test(path) && !/^[.~]/.test(names.pop() ?? '') && names.every(isSourceFolder);
}

export function isSourceFolder(name: string): boolean {
  return !skipped.test(name);
}

/**
 * The certificates of a folder, put together by their public keys, whatever the files are called. A private key without a
 * certificate says nothing: accounts of ACME have them.
 * @param passwords tried in this order
 * @param demandTime throws once there is no time for another file: a password may take a second
 */
export async function setsOf(
  files: readonly SourceFile[],
  passwords: readonly string[],
  store: string,
  demandTime = () => {},
): Promise<Source> {
  const incomplete: (Trouble & { path: string })[] = [];
  const read: (Pieces & { path: string })[] = [];
  for (const file of files) {
    demandTime();
    const pieces = 'why' in file ? file : await opened(file, passwords);
    if ('why' in pieces) incomplete.push({ path: file.path, why: pieces.why, final: pieces.final === true });
    else read.push({ ...pieces, path: file.path });
  }
  const keys = new Map(
    read.flatMap(({ keys, path }) => keys.map((key) => [publicPart(createPublicKey(key)), { key, path }])),
  );
  const all = read.flatMap(({ certificates, ...pieces }) =>
    certificates.map((der) => ({ der, ...pieces, x509: new X509Certificate(der) })),
  );
  const sets = new Map<string, FoundSet>();
  const keyless: { certificate: Certificate; path: string }[] = [];
  for (const { der, path, x509, friendlyName = null, provider = null } of all) {
    const key = publicKeyOf(x509);
    const own = key === null ? undefined : keys.get(publicPart(key));
    if (own === undefined && x509.ca) continue;
    if (key === null) {
      incomplete.push({ path, why: 'it has a certificate with a key of an unknown kind', final: true });
      continue;
    }
    if (own === undefined) {
      keyless.push({ certificate: parseCertificate(der, inNoStore), path });
      continue;
    }
    const issuers = issuersOf(x509, all);
    const issuersThat = (is: typeof isRoot) => issuers.filter((one) => is(one.x509)).map((one) => one.der);
    const authorities = { intermediates: issuersThat(isIntermediate), roots: issuersThat(isRoot) };
    const found = { leaf: der, key: own.key, ...authorities, friendlyName, provider };
    const certificate = arrivingCertificate(found, store);
    const paths = [path, own.path, ...issuers.map((one) => one.path), ...(sets.get(certificate.sha256)?.files ?? [])];
    sets.set(certificate.sha256, { found, certificate, files: [...new Set(paths)].sort() });
  }
  const newest = newestOfEach([...sets.values()]);
  for (const { certificate, path } of keyless) {
    const complete = newest.find((set) => isOfLine(set.certificate, lineOf(certificate)));
    if (complete === undefined || complete.certificate.notBefore < certificate.notBefore)
      incomplete.push({ path, why: 'its private key is not in the folder' });
  }
  return { sets: [...sets.values()], incomplete };
}

/** What the certificates that follow one another have in common: twins with an RSA and an EC key are two lines. */
export interface Line {
  readonly names: string;
  /** Absent where it is not known. */
  readonly keyType?: string;
}

export function lineOf(certificate: Certificate): Required<Line> {
  return { names: [...certificateNames(certificate)].sort().join(' '), keyType: algorithm(certificate) };
}

export function isOfLine(certificate: Certificate, { names, keyType }: Line): boolean {
  const own = lineOf(certificate);
  return own.names === names && (keyType ?? own.keyType) === own.keyType;
}

/** The newest of each line. */
export function newestOfEach(sets: readonly FoundSet[]): readonly FoundSet[] {
  const newest = new Map<string, FoundSet>();
  for (const set of sets) {
    const { names, keyType } = lineOf(set.certificate);
    const known = newest.get(`${keyType} ${names}`);
    if (known === undefined || known.certificate.notBefore < set.certificate.notBefore)
      newest.set(`${keyType} ${names}`, set);
  }
  return [...newest.values()];
}

async function opened(
  { path, bytes }: { readonly path: string; readonly bytes: Uint8Array },
  passwords: readonly string[],
): Promise<Pieces | Trouble> {
  let why = '';
  for (const password of passwords) {
    try {
      const pieces = await piecesOf({ where: path, bytes }, async () => password);
      for (const der of pieces.certificates) parseCertificate(der, inNoStore);
      return pieces;
    } catch (thrown) {
      if (!(thrown instanceof CertRebindError)) throw thrown;
      // The first is what was set; the others are tries.
      why ||= thrown.message.replace(`${path} cannot be imported: `, '').replace(/\.$/, '');
    }
  }
  return { why };
}

interface Held {
  readonly der: Buffer;
  readonly path: string;
  readonly x509: X509Certificate;
}

/** The authorities above a certificate, each once, by every path. */
function issuersOf(leaf: X509Certificate, all: readonly Held[]): readonly Held[] {
  const found = new Map<string, Held>();
  const waiting = [leaf];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop())
    for (const held of all) {
      if (found.has(held.x509.fingerprint256) || !held.x509.ca || !one.checkIssued(held.x509)) continue;
      found.set(held.x509.fingerprint256, held);
      waiting.push(held.x509);
    }
  return [...found.values()];
}

function publicPart(key: KeyObject): string {
  return hashOf('sha256', key.export({ format: 'der', type: 'spki' }));
}
