import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import packageJson from '../../package.json' with { type: 'json' };
import { findSigner } from '../../scripts/package/sign.mjs';
import { isScript, withoutSignature } from '../../src/model/windows/signed-script.ts';
import { adapterText } from '../../src/server/windows/adapter-script.ts';
import { assertNone } from '../support/each.ts';
import { windowsExe } from './windows-artefacts.ts';

interface Signer {
  sign(path: string): void;
}

const checkout = join(import.meta.dirname, '../..');
const { version } = packageJson;

describe('a package that is signed', () => {
  let folder: string;
  let authority: string;
  let environment: NodeJS.ProcessEnv;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'certrebind-signing-'));
    authority = join(folder, 'authority.pem');
    const key = join(folder, 'key.pem');
    const pfx = join(folder, 'signing.pfx');
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, 'not secret');
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=Test signing', '-keyout', key,
      '-out', authority, '-addext', 'extendedKeyUsage=codeSigning'); // biome-ignore format: one command line
    openssl('pkcs12', '-export', '-inkey', key, '-in', authority, '-out', pfx, '-passout', `file:${passwordFile}`);
    environment = { ...process.env, CERTREBIND_SIGN_PFX: pfx, CERTREBIND_SIGN_PASSWORD_FILE: passwordFile };
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it('has a signature on the executable and on every script, also on the adapter that the executable holds', () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(checkout, 'scripts/package.mjs'), '--windows-only', '--out', folder],
      { env: environment, encoding: 'utf8' },
    );
    assert.equal(status, 0, stderr);
    assert.match(stderr, /NO TIME STAMP: /);
    assert.equal(verified(join(folder, 'certrebind.exe')), true);

    const files = unzipSync(readFileSync(join(folder, `certrebind-${version}-win-x64.zip`)));
    const scripts = Object.keys(files).filter((name) => /\.ps(?:1|m1|d1|1xml)$/.test(name));
    assert.deepEqual(scripts.toSorted(), [
      'CertRebind/CertRebind.Format.ps1xml',
      'CertRebind/CertRebind.Types.ps1xml',
      'CertRebind/CertRebind.psd1',
      'CertRebind/CertRebind.psm1',
      'CertRebind/CertRebindDsc/CertRebindDsc.psd1',
      'CertRebind/CertRebindDsc/CertRebindDsc.psm1',
      'CertRebind/bin/certrebind-adapter.ps1',
      'CertRebind/en-US/CertRebind.Messages.psd1',
    ]);
    for (const [at, name] of scripts.entries()) {
      const path = join(folder, `${at}-${name.split('/').at(-1)}`);
      writeFileSync(path, files[name] ?? '');
      assert.equal(verified(path), true, name);
    }
    const packaging = unzipSync(readFileSync(join(folder, `certrebind-${version}-packaging.zip`)));
    const handedOut = Object.keys(packaging).filter((name) => name.endsWith('.ps1'));
    assert.deepEqual(handedOut.toSorted(), [
      'packaging/chocolatey/tools/chocolateyInstall.ps1',
      'packaging/chocolatey/tools/chocolateyUninstall.ps1',
      'packaging/dsc/WebServer.ps1',
      'packaging/intune/Test-CertRebindInstalled.ps1',
    ]);
    for (const name of handedOut) {
      const path = join(folder, name.split('/').at(-1) ?? '');
      writeFileSync(path, packaging[name] ?? '');
      assert.equal(verified(path), true, name);
    }
    const sums = readFileSync(join(folder, 'SHA256SUMS'), 'utf8').trim().split('\n');
    const handed = ['-win-x64.zip', '.sbom.cdx.json', '-packaging.zip'].map((end) => `certrebind-${version}${end}`);
    assert.deepEqual(
      sums.map((line) => line.slice(66)),
      ['certrebind.exe', ...handed],
    );
    const adapter = Buffer.from(files['CertRebind/bin/certrebind-adapter.ps1'] ?? '').toString('utf8');
    const block = adapter.slice(adapterText.length);
    assert.equal(adapter, adapterText + block);
    const exe = readFileSync(join(folder, 'certrebind.exe'));
    const lines = block.split('\r\n').filter((line) => line !== '');
    assert.ok(lines.length > 20);
    assertNone(lines, (line) => !exe.includes(line));
    assert.equal(
      Buffer.from(files['CertRebind/SHA256SUMS'] ?? '')
        .toString('utf8')
        .split('\n').length,
      Object.keys(files).length,
    );
  });

  it('has a right checksum where nobody signs it', () => {
    const { stdout, stderr } = spawnSync('osslsigncode', ['verify', '-in', windowsExe], { encoding: 'utf8' });
    // The one or the other, by its version.
    const said = `${stdout}\n${stderr}`;
    assert.match(said, /No signature found/i);
    assert.match(said, /^PE checksum +: [0-9A-F]{8}$/m);
    assert.doesNotMatch(said, /invalid PE checksum/i);
  });

  it('counts as the same script when somebody signs what was installed', () => {
    const scripts = Object.entries<string>(JSON.parse(MODULE_FILES)).filter(([name]) => isScript(name));
    assert.ok(scripts.length >= 6);
    for (const [name, text] of [...scripts, ['certrebind-adapter.ps1', adapterText] as const]) {
      const path = join(folder, `installed-${name.replaceAll('/', '-')}`);
      writeFileSync(path, text);
      signerOf(environment).sign(path);
      const signed = readFileSync(path, 'utf8');
      assert.notEqual(signed, text, name);
      assert.equal(withoutSignature(name, signed), withoutSignature(name, text), name);
    }
  });

  it('is shown as not signed once a byte has changed', () => {
    const script = join(folder, 'changed.ps1');
    writeFileSync(script, 'Get-Date\n');
    signerOf(environment).sign(script);
    assert.equal(verified(script), true);
    writeFileSync(script, readFileSync(script, 'utf8').replace('Get-Date', 'Get-Host'));
    assert.equal(verified(script), false);
  });

  it('leaves no key, password or half-signed file behind', () =>
    assertNone(readdirSync(folder), (name) => name.endsWith('.signed')));

  function signerOf(env: NodeJS.ProcessEnv): Signer {
    const signer: Signer | null = findSigner(env, () => {});
    assert.ok(signer !== null);
    return signer;
  }

  function verified(path: string): boolean {
    const { status, stdout } = spawnSync('osslsigncode', ['verify', '-CAfile', authority, '-in', path], {
      encoding: 'utf8',
    });
    return status === 0 && /Signature verification: ok/.test(stdout);
  }

  function openssl(...args: readonly string[]): void {
    execFileSync('openssl', args, { stdio: 'pipe' });
  }
});
