import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authority, issueLeaf, makeAuthority } from '../../src/lab/host/authority.ts';
import { serverAuthentication } from '../../src/model/certificates/usages.ts';

export interface Issued {
  readonly thumbprint: string;
  readonly leaf: Buffer;
  /** PEM. */
  readonly certificate: string;
  readonly chain: string;
  readonly root: string;
  readonly key: string;
}

const newKey = () =>
  generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { format: 'pem', type: 'spki' },
    privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
  }).privateKey;

export const newRsaKey = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { format: 'pem', type: 'spki' },
    privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
  }).privateKey;

let authority: Promise<Authority> | null = null;

/** A real certificate with its key, of one authority for all tests of a process. */
export async function issued(names: readonly string[], from: string, days = 90, key = newKey()): Promise<Issued> {
  authority ??= makeAuthority('Test', newKey(), newKey(), new Date(from));
  const notBefore = new Date(from);
  const notAfter = new Date(notBefore.getTime() + days * 24 * 3600_000);
  const { intermediate, root, ...rest } = await authority;
  const { der: leaf, thumbprint } = await issueLeaf(
    { intermediate, root, ...rest },
    { names, notBefore, notAfter, ekus: [serverAuthentication], key },
  );
  return { thumbprint, leaf, certificate: pem(leaf), chain: pem(intermediate), root: pem(root), key };
}

/** The certificate with a key of a kind that nobody knows, as one of ML-DSA is to a build of Node without it. */
export function withUnknownKey({ leaf }: Issued): Buffer {
  const der = Buffer.from(leaf);
  const ecPublicKey = der.indexOf('06072a8648ce3d0201', 'hex');
  der[ecPublicKey + 8] = 0x63;
  return der;
}

/** Made by OpenSSL, with few rounds: they are most of what opening one takes. */
export function pfxOf({ certificate, chain, key }: Issued, password: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'crb-'));
  try {
    const pieces = join(folder, 'pieces.pem');
    writeFileSync(pieces, key + certificate + chain);
    const words = ['-export', '-iter', '16', '-in', pieces, '-passout', `pass:${password}`];
    return execFileSync('openssl', ['pkcs12', ...words], { stdio: ['ignore', 'pipe', 'ignore'] });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function pem(der: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}
