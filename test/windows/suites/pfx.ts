import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rehearsalMark } from '../../../src/documents/rehearsal.ts';
import { type Thumbprint, toThumbprint } from '../../../src/model/certificates/thumbprint.ts';
import type { Server } from '../../../src/server/server.ts';
import { newRunId } from '../../../src/session/run/run.ts';
import { isSaid } from './measurement.ts';
import type { Stage } from './stage.ts';

export interface PfxFile {
  readonly thumbprint: Thumbprint;
  /** The rest of the chain, from the issuer up. */
  readonly issuers: readonly Thumbprint[];
  /** Base64; the password is `open`. */
  readonly pfx: string;
}

export interface PfxRequest {
  readonly name: string;
  /** The name that the certificate has beside its common one. */
  readonly host?: string;
  /** As OpenSSL calls it. */
  readonly algorithm?: string;
  /** Which the file names for its key. */
  readonly provider?: string;
  /** Under an intermediate and a root of its own, which the file has too. */
  readonly hasChain?: boolean;
}

/** A PFX file of OpenSSL, with the mark of a rehearsal. */
export function pfxFile({
  name,
  host = name,
  algorithm = 'rsa:2048',
  provider,
  hasChain = false,
}: PfxRequest): PfxFile {
  const folder = mkdtempSync(join(tmpdir(), 'certrebind-pfx-'));
  const at = (file: string) => join(folder, file);
  const certificate = (file: string, subject: string, issuer: string | null, extensions: readonly string[]) => {
    // Without settings of its own OpenSSL makes everything an authority.
    const settings = ['[req]', 'distinguished_name=name', 'x509_extensions=extensions', '[name]', '[extensions]'];
    writeFileSync(at(`${file}.cnf`), [...settings, ...extensions, ''].join('\n'));
    openssl('req', '-x509', '-config', at(`${file}.cnf`), '-newkey', algorithm, '-nodes', '-days', '30', '-subj', `/CN=${subject}`,
      ...(issuer === null ? [] : ['-CA', at(`${issuer}.pem`), '-CAkey', at(`${issuer}.key`)]),
      '-keyout', at(`${file}.key`), '-out', at(`${file}.pem`)); // biome-ignore format: one command line
  };
  try {
    const authority = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign'];
    if (hasChain) {
      certificate('root', `${name} root`, null, authority);
      certificate('issuer', `${name} issuer`, 'root', authority);
    }
    const leaf = ['basicConstraints=critical,CA:FALSE', `subjectAltName=DNS:${host}`, 'extendedKeyUsage=serverAuth'];
    certificate('leaf', name, hasChain ? 'issuer' : null, leaf);
    const issuers = hasChain ? ['issuer', 'root'] : [];
    writeFileSync(at('issuers.pem'), issuers.map((file) => readFileSync(at(`${file}.pem`), 'utf8')).join(''));
    openssl('pkcs12', '-export', '-inkey', at('leaf.key'), '-in', at('leaf.pem'), '-passout', 'pass:open',
      '-name', `${rehearsalMark} pfx ${newRunId(new Date())}`, ...(provider === undefined ? [] : ['-CSP', provider]),
      ...(hasChain ? ['-certfile', at('issuers.pem')] : []), '-out', at('certificate.pfx')); // biome-ignore format: one command line
    const thumbprintOf = (file: string) => {
      const { fingerprint } = new X509Certificate(readFileSync(at(`${file}.pem`)));
      const thumbprint = toThumbprint(fingerprint.replaceAll(':', ''));
      if (thumbprint === null) throw new Error('openssl made no certificate');
      return thumbprint;
    };
    return {
      thumbprint: thumbprintOf('leaf'),
      issuers: issuers.map(thumbprintOf),
      pfx: readFileSync(at('certificate.pfx')).toString('base64'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** By the program's adapter, into My. @returns why not */
export async function importPfx(server: Server, { pfx, thumbprint }: PfxFile): Promise<string | null> {
  const [report] = await server.change([{ do: 'import-certificate', pfx, password: 'open', thumbprint, store: 'My' }]);
  return report === undefined ? 'no report' : (report.error?.message ?? null);
}

/** The key too, since the import made it. */
export async function removePfx(server: Server, thumbprint: Thumbprint): Promise<void> {
  await server.change([
    { do: 'delete-key', thumbprint, store: 'My' },
    { do: 'delete-certificate', thumbprint, store: 'My' },
  ]);
}

/** Whether its key opens; the program says so to SYSTEM alone, so anyone else asks Windows. */
export async function keyNow({ server, ask }: Pick<Stage, 'server' | 'ask'>, thumbprint: Thumbprint): Promise<string> {
  const [found] = await server.certificates([thumbprint]);
  if (found === undefined || found.key !== 'unknown') return found?.key ?? 'not there';
  return isSaid((await ask('core/keys', [thumbprint])).provider) ? 'usable' : 'unusable';
}

function openssl(...words: readonly string[]): void {
  execFileSync('openssl', words, { stdio: 'pipe' });
}
