import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { CertRebindError } from '../text/errors.ts';
import { type Certificate, parseCertificate } from './certificate.ts';
import { arrivingCertificate, isIntermediate, isRoot, piecesOf } from './certificate-with-key.ts';
import { certificateNames } from './host-name.ts';
import type { CertificateWithKey, Pieces } from './pfx.ts';

/** A file of a folder that is watched: its bytes, or why it could not be read. */
export type SourceFile = {
  /** Below the folder, with `/`. */
  readonly path: string;
  readonly modified: number;
} & ({ readonly bytes: Uint8Array } | { readonly why: string });

/** A certificate with its key, whole, from one file or several. */
export interface FoundSet {
  readonly found: CertificateWithKey;
  readonly certificate: Certificate;
  /** Those whose content it is made of. */
  readonly files: readonly string[];
}

export interface Source {
  readonly sets: readonly FoundSet[];
  /** What may be half written. */
  readonly incomplete: readonly { readonly path: string; readonly why: string }[];
}

const endings = /\.(?:pfx|p12|pem|crt|cer|key)$/i;
const skipped = /^(?:[.~]|archive$|backup$)/i;

/** Not hidden, temporary or a backup; clients keep what they replaced in `archive` and `backup`. */
export function isSourceFile(path: string): boolean {
  const names = path.split('/');
  return (
    endings.test(path) && !names.slice(0, -1).some((name) => skipped.test(name)) && !/^[.~]/.test(names.at(-1) ?? '')
  );
}

/**
 * The certificates of a folder, put together by their public keys, whatever the files are called. A private key without a
 * certificate says nothing: accounts of ACME have them.
 * @param passwords tried in this order
 */
export async function setsOf(
  files: readonly SourceFile[],
  passwords: readonly string[],
  store: string,
): Promise<Source> {
  const incomplete: { path: string; why: string }[] = [];
  const read: (Pieces & { path: string })[] = [];
  for (const file of files) {
    const pieces = 'why' in file ? file.why : await opened(file, passwords);
    if (typeof pieces === 'string') incomplete.push({ path: file.path, why: pieces });
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
    if (x509.ca && !keys.has(publicPart(x509.publicKey))) continue;
    const own = keys.get(publicPart(x509.publicKey));
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
  const newest = newestByNames([...sets.values()]);
  for (const { certificate, path } of keyless) {
    const complete = newest.get(namesOf(certificate));
    if (complete === undefined || complete.certificate.notBefore < certificate.notBefore)
      incomplete.push({ path, why: 'its private key is not in the folder' });
  }
  return { sets: [...sets.values()], incomplete };
}

/** What identifies the certificates that follow one another. */
export function namesOf(certificate: Certificate): string {
  return [...certificateNames(certificate)].sort().join(' ');
}

export function newestByNames(sets: readonly FoundSet[]): ReadonlyMap<string, FoundSet> {
  const newest = new Map<string, FoundSet>();
  for (const set of sets) {
    const names = namesOf(set.certificate);
    const known = newest.get(names);
    if (known === undefined || known.certificate.notBefore < set.certificate.notBefore) newest.set(names, set);
  }
  return newest;
}

const inNoStore = { store: '', key: 'unknown', archived: false, renewedTo: null, friendlyName: null } as const;

async function opened(
  { path, bytes }: { readonly path: string; readonly bytes: Uint8Array },
  passwords: readonly string[],
): Promise<Pieces | string> {
  let why = '';
  for (const password of passwords) {
    try {
      const pieces = await piecesOf({ where: path, bytes }, async () => password);
      for (const der of pieces.certificates) parseCertificate(der, inNoStore);
      return pieces;
    } catch (thrown) {
      if (!(thrown instanceof CertRebindError)) throw thrown;
      why = thrown.message.replace(`${path} cannot be imported: `, '').replace(/\.$/, '');
    }
  }
  return why;
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
  return createHash('sha256')
    .update(key.export({ format: 'der', type: 'spki' }))
    .digest('base64');
}
