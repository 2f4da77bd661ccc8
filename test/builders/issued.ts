import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { wrapPfx } from '../../src/certificates/pfx.ts';
import { serverAuthentication } from '../../src/certificates/usages.ts';
import { type Authority, issueLeaf, makeAuthority } from '../../src/lab/host/authority.ts';

export interface Issued {
  readonly thumbprint: string;
  readonly leaf: Buffer;
  /** PEM. */
  readonly certificate: string;
  readonly chain: string;
  readonly key: string;
}

const newKey = () =>
  generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { format: 'pem', type: 'spki' },
    privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
  }).privateKey;

let authority: Promise<Authority> | null = null;

/** A real certificate with its key, of one authority for all tests of a process. */
export async function issued(names: readonly string[], from: string, days = 90): Promise<Issued> {
  authority ??= makeAuthority('Test', newKey(), newKey(), new Date(from));
  const key = newKey();
  const notBefore = new Date(from);
  const notAfter = new Date(notBefore.getTime() + days * 24 * 3600_000);
  const { intermediate, ...rest } = await authority;
  const { der: leaf, thumbprint } = await issueLeaf(
    { intermediate, ...rest },
    { names, notBefore, notAfter, ekus: [serverAuthentication], key },
  );
  return { thumbprint, leaf, certificate: pem(leaf), chain: pem(intermediate), key };
}

/** With few rounds: they are most of what opening one takes. */
export async function pfxOf({ leaf, chain, key }: Issued, password: string): Promise<Buffer> {
  const intermediates = [Buffer.from(chain.replace(/-----[A-Z ]+-----/g, ''), 'base64')];
  const whole = { leaf, key: createPrivateKey(key), intermediates, friendlyName: null, provider: null };
  return (await wrapPfx(whole, password, null, 128)).pfx;
}

function pem(der: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}
