// Files of the programs that people use, read by this program and, once wrapped, by others: OpenSSL and .NET.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCertificate } from '../../../src/model/certificates/certificate-with-key.ts';
import { type CertificateWithKey, wrapPfx } from '../../../src/model/certificates/pfx.ts';
import { findEngine } from '../../engine.ts';
import { needProgram } from '../../support/needed-program.ts';
import { newFolder } from '../../support/temporary-lab.ts';

interface Kind {
  readonly what: string;
  readonly key?: string;
  /** Words for `openssl pkcs12 -export`. */
  readonly words?: readonly string[];
  readonly password?: string;
}

const des = ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES'];
const kinds: readonly Kind[] = [
  { what: 'the default of OpenSSL 3, RSA' },
  { what: 'RSA of 4096 bits', key: 'rsa:4096' },
  { what: 'P-256', key: 'P-256' },
  { what: 'P-384', key: 'P-384' },
  { what: 'P-521', key: 'P-521' },
  { what: 'Ed25519', key: 'ed25519' },
  { what: 'an empty password', password: '' },
  { what: 'a password beyond ASCII', password: 'pä€ß' },
  { what: 'a password beyond ASCII, legacy', words: ['-legacy'], password: 'pä€ß' },
  { what: 'a password beyond ASCII, TripleDES', words: [...des, '-macalg', 'sha1'], password: 'pä€ß' },
  { what: '-legacy, RSA', words: ['-legacy'] },
  { what: '-legacy, P-256', key: 'P-256', words: ['-legacy'] },
  { what: 'the default of Windows', words: [...des, '-macalg', 'sha1'] },
  { what: 'the default of Windows, P-384', key: 'P-384', words: [...des, '-macalg', 'sha1'] },
  { what: 'AES-128', words: ['-keypbe', 'AES-128-CBC', '-certpbe', 'AES-128-CBC'] },
  { what: 'AES-256 with a MAC of SHA-1', words: ['-macalg', 'sha1'] },
  { what: 'a MAC of SHA-384', words: ['-macalg', 'sha384'] },
  { what: 'a MAC of SHA-512', words: ['-macalg', 'sha512'] },
  { what: 'no MAC', words: ['-nomac'] },
  { what: 'certificates that are not encrypted', words: ['-certpbe', 'NONE'] },
  { what: 'nothing encrypted', words: ['-certpbe', 'NONE', '-keypbe', 'NONE'] },
  { what: 'one round', words: ['-iter', '1'] },
  { what: '600,000 rounds', words: ['-iter', '600000'] },
  { what: 'a friendly name', words: ['-name', 'Shop 2026'] },
  { what: 'a provider of Windows', words: ['-CSP', 'Microsoft RSA SChannel Cryptographic Provider', '-legacy'] },
];

describe('files of other programs', () => {
  const folder = newFolder();
  const opened = new Map<string, CertificateWithKey>();
  const at = (name: string) => join(folder, name);
  const openssl = (words: readonly string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' });

  before(function () {
    needProgram(this, { program: 'openssl', asked: 'version', untested: 'reading what it exports' });
    const ca = ['-days', '90', '-CA', 'ca.pem', '-CAkey', 'ca.key'];
    const request = (name: string, key: readonly string[], more: readonly string[]) =>
      openssl(['req', '-x509', ...key, '-nodes', '-keyout', `${name}.key`, '-out', `${name}.pem`, ...more]);
    request('root', ['-newkey', 'rsa:2048'], ['-subj', '/CN=Root']);
    const issued = ['-CA', 'root.pem', '-CAkey', 'root.key'];
    request(
      'ca',
      ['-newkey', 'rsa:2048'],
      ['-subj', '/CN=Issuing', '-addext', 'basicConstraints=critical,CA:true', ...issued],
    );
    for (const key of new Set(kinds.map(({ key = 'rsa:2048' }) => key))) {
      const words = key.startsWith('P-') ? ['-newkey', 'ec', '-pkeyopt', `ec_paramgen_curve:${key}`] : ['-newkey', key];
      request(key, words, ['-subj', '/CN=shop.example.com', '-addext', 'subjectAltName=DNS:shop.example.com', ...ca]);
    }
    writeFileSync(at('chain.pem'), readFileSync(at('ca.pem'), 'utf8') + readFileSync(at('root.pem'), 'utf8'));
  });

  const check = async (what: string, files: readonly string[], key: string, password = 'secret') => {
    const read = files.map((file) => ({ where: file, bytes: readFileSync(at(file)) }));
    const found = await openCertificate(read, async () => password);
    const expected = openssl(['x509', '-in', `${key}.pem`, '-outform', 'der']);
    assert.deepEqual([found.leaf.equals(expected), found.intermediates.length], [true, 1]);
    opened.set(what, found);
    return found;
  };

  for (const { what, key = 'rsa:2048', words = [], password = 'secret' } of kinds)
    it(`OpenSSL: ${what}`, async () => {
      const files = ['-in', `${key}.pem`, '-inkey', `${key}.key`, '-certfile', 'chain.pem', '-out', 'file.pfx'];
      openssl(['pkcs12', '-export', ...files, '-passout', `pass:${password}`, ...words]);
      const { friendlyName, provider } = await check(what, ['file.pfx'], key, password);
      if (words.includes('-name')) assert.equal(friendlyName, 'Shop 2026');
      if (words.includes('-CSP')) assert.equal(provider, 'Microsoft RSA SChannel Cryptographic Provider');
    });

  for (const [what, words] of [
    ['PKCS #1', ['rsa', '-traditional', '-in', 'rsa:2048.key']],
    ['PKCS #8, encrypted', ['pkcs8', '-topk8', '-in', 'rsa:2048.key', '-passout', 'pass:secret']],
    [
      'PKCS #8, encrypted with scrypt',
      ['pkcs8', '-topk8', '-scrypt', '-in', 'rsa:2048.key', '-passout', 'pass:secret'],
    ],
    ['PKCS #1, encrypted', ['rsa', '-traditional', '-aes256', '-in', 'rsa:2048.key', '-passout', 'pass:secret']],
  ] as const)
    it(`OpenSSL: PEM, ${what}`, async () => {
      openssl([...words, '-out', 'pair.key']);
      writeFileSync(
        at('fullchain.pem'),
        readFileSync(at('rsa:2048.pem'), 'utf8') + readFileSync(at('chain.pem'), 'utf8'),
      );
      await check(`PEM ${what}`, ['fullchain.pem', 'pair.key'], 'rsa:2048');
    });

  it('OpenSSL: PEM, SEC 1 with the parameters of its curve', async () => {
    openssl(['ec', '-in', 'P-256.key', '-out', 'sec1.key']);
    const [parameters, key] = [openssl(['ecparam', '-name', 'prime256v1']), readFileSync(at('sec1.key'))];
    writeFileSync(
      at('all.pem'),
      Buffer.concat([parameters, key, readFileSync(at('P-256.pem')), readFileSync(at('chain.pem'))]),
    );
    await check('PEM SEC 1', ['all.pem'], 'P-256');
  });

  for (const algorithm of ['RSA', 'EC'])
    it(`keytool: ${algorithm}`, async function () {
      if (spawnSync('keytool', ['-help']).error !== undefined) {
        console.error(
          '\n*** NO KEYTOOL: reading what Java exports is not tested; apt-get install openjdk-17-jre-headless ***\n',
        );
        return this.skip();
      }
      const store = `java-${algorithm}`;
      const words = ['-storetype', 'PKCS12', '-keystore', `${store}.p12`, '-storepass', 'secret'];
      const name = ['-alias', 'shop', '-keyalg', algorithm, '-dname', 'CN=shop.example.com'];
      execFileSync('keytool', ['-genkeypair', ...words, ...name], { cwd: folder, stdio: 'pipe' });
      const exported = execFileSync('keytool', ['-exportcert', ...words, '-alias', 'shop'], {
        cwd: folder,
        stdio: 'pipe',
      });
      const read = [{ where: store, bytes: readFileSync(at(`${store}.p12`)) }];
      const found = await openCertificate(read, async () => 'secret');
      assert.ok(found.leaf.equals(exported));
      opened.set(store, found);
    });

  it('once wrapped, OpenSSL reads each with its key, its issuer and its provider, in the form of old Windows', async () => {
    for (const [what, found] of opened) {
      const { pfx, password } = await wrapPfx(found);
      writeFileSync(at('wrapped.pfx'), pfx);
      const words = ['pkcs12', '-legacy', '-in', 'wrapped.pfx', '-passin', `pass:${password}`, '-nodes', '-info'];
      const { status, stdout, stderr } = spawnSync('openssl', words, { cwd: folder, encoding: 'utf8' });
      assert.equal(status, 0, `${what}: ${stderr}`);
      assert.match(
        stderr,
        /MAC: sha1, [\s\S]*pbeWithSHA1And3-KeyTripleDES-CBC[\s\S]*Shrouded Keybag: pbeWithSHA1And3-KeyTripleDES/,
      );
      assert.equal(stdout.split('BEGIN CERTIFICATE').length - 1, 1 + found.intermediates.length, what);
      assert.match(stdout, /BEGIN PRIVATE KEY/);
      if (found.provider !== null) assert.match(stdout, /Microsoft CSP Name: Microsoft RSA SChannel/);
      if (found.friendlyName !== null) assert.ok(stdout.includes(`friendlyName: ${found.friendlyName}`), what);
    }
  });

  it('once wrapped, .NET reads each with its key', async function () {
    const engine = findEngine();
    if (engine === null) return this.skip();
    const lines: string[] = [];
    // .NET has no keys of Ed25519, and Windows none for TLS.
    for (const [what, found] of opened) {
      if (found.key.asymmetricKeyType === 'ed25519') continue;
      const { pfx, password } = await wrapPfx(found);
      writeFileSync(at(`${lines.length}.pfx`), pfx);
      lines.push(`${createHash('sha1').update(found.leaf).digest('hex').toUpperCase()} True ${what}`);
      writeFileSync(at(`${lines.length - 1}.txt`), `${password}\n${what}`);
    }
    const script = `foreach ($at in 0..${lines.length - 1}) {
      $password, $what = Get-Content -LiteralPath "$at.txt"
      $found = [Security.Cryptography.X509Certificates.X509Certificate2Collection]::new()
      $found.Import([IO.File]::ReadAllBytes("$PWD/$at.pfx"), $password, 'DefaultKeySet')
      $own = @($found | Where-Object HasPrivateKey)
      $key = [Security.Cryptography.X509Certificates.RSACertificateExtensions]::GetRSAPrivateKey($own[0])
      if (-not $key) { $key = [Security.Cryptography.X509Certificates.ECDsaCertificateExtensions]::GetECDsaPrivateKey($own[0]) }
      "$($own.Thumbprint) $($null -ne $key) $what"
    }`;
    const stdout = execFileSync(engine, ['-NoProfile', '-Command', script], { cwd: folder, encoding: 'utf8' });
    assert.deepEqual(stdout.trim().split(/\r?\n/), lines);
  });
});
