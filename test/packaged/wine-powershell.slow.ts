import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { preparePowerShell, WINE_PREFIX } from '../../scripts/wine-powershell.mjs';
import { recordsOf } from '../../src/kinds/holder.ts';
import { decodeRows, encodeRows, type Row } from '../../src/model/windows/rows.ts';
import { adapterText } from '../../src/server/windows/adapter-script.ts';
import { met } from '../builders/met.ts';
import { each } from '../support/each.ts';
import { windowsExe, windowsNode } from './windows-artefacts.ts';
import { openWine, type Wine, zPath } from './wine.ts';

// The executable, its PowerShell session, the adapter, a real registry and real certificate stores. What Wine has not
// got (WebAdministration, scheduled tasks, the event log) is what docs/evidence/other-programs.md says it is.

const fixtures = join(import.meta.dirname, '../fixtures/certificates');
const [old, renewed] = ['encipher-only.cer', 'pss.cer'].map((name) => readCertificate(name));
const drive = join(WINE_PREFIX, 'drive_c');
const modules = join(drive, 'Program Files', 'PowerShell', '7', 'Modules', 'WebAdministration');
const configuration = join(drive, 'windows', 'system32', 'inetsrv', 'config');

describe('the Windows executable with a PowerShell under Wine', function () {
  this.timeout(240_000);
  let work: string;
  let wine: Wine;
  before(async function () {
    const missing = ['wine', 'dotnet'].filter((program) => spawnSync(program, ['--version']).status !== 0);
    if (missing.length > 0) {
      const text = `${missing.join(' and ')} not installed`;
      if (process.env.CI !== undefined) throw new Error(text);
      console.error(`NOT RUN: the Windows executable with a PowerShell, because of ${text}`);
      this.skip();
    }
    await preparePowerShell();
    work = mkdtempSync(join(tmpdir(), 'crb-wine-'));
    wine = openWine(WINE_PREFIX);
    forget();
  });
  after(() => {
    if (work === undefined) return;
    forget();
    wine.end();
    rmSync(work, { recursive: true, force: true });
  });

  function certrebind(...words: readonly string[]) {
    // Whoever lists the store Root leaves a key behind that hides every store from the next one.
    wine.run('reg', ['delete', 'HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\Root', '/f']);
    const { status, stdout } = wine.run(windowsExe, [...words, '--json'], { timeoutMs: 100_000, onlyReads: true });
    return { exitCode: status, document: JSON.parse(stdout) };
  }

  /** What functions of the adapter answer, as a file in the PowerShell there. */
  function askAdapter(...calls: readonly (readonly [name: string, ...rows: Row[]])[]): readonly Row[][] {
    const mark = 'a'.repeat(32);
    const script = join(work, 'adapter.ps1');
    writeFileSync(script, adapterText);
    const lines = calls.map(
      ([name, ...rows]) =>
        `Invoke-AdapterCall '${mark}' '${name}' '${Buffer.from(encodeRows(rows)).toString('base64')}'`,
    );
    writeFileSync(join(work, 'requests.txt'), `${lines.join('\n')}\n`);
    // PowerShell wants a console, which a Windows process can give it without showing one.
    const starter = `const child = require('node:child_process').spawnSync('C:\\\\windows\\\\system32\\\\WindowsPowerShell\\\\v1.0\\\\powershell.exe',
      ['-NoProfile', '-NonInteractive', '-File', process.argv[2]], { windowsHide: true, input: require('node:fs').readFileSync(process.argv[3]) });
      process.stdout.write(child.stdout); process.stderr.write(child.stderr);`;
    writeFileSync(join(work, 'start.cjs'), starter);
    const words = ['start.cjs', 'adapter.ps1', 'requests.txt'].map((name) => zPath(join(work, name)));
    const { stdout, stderr } = wine.run(windowsNode, words, { timeoutMs: 100_000, onlyReads: true });
    const frames = Array.from(stdout.matchAll(new RegExp(`${mark}:([^:]+):${mark}`, 'g')), ([, packed = '']) =>
      decodeRows(gunzipSync(Buffer.from(packed, 'base64'))).map((row) => [...row]),
    );
    assert.equal(frames.length, calls.length, stdout + stderr);
    return frames;
  }

  function forget(): void {
    rmSync(modules, { recursive: true, force: true });
    rmSync(configuration, { recursive: true, force: true });
    wine.run('reg', ['delete', 'HKLM\\SOFTWARE\\Microsoft\\InetStp', '/f']);
  }

  it('asks the registry through PowerShell, and says that IIS is missing', () => {
    const { exitCode, document } = certrebind('status');
    assert.equal(document.error.code, 'iis-missing', JSON.stringify(document));
    assert.equal(exitCode, 7);
  });

  it('encrypts a secret with the data protection of .NET, which gives it back under the same name only', () => {
    const [, protectedRows] = askAdapter(['Initialize-Adapter'], ['Protect-Secret', ['smtp', 'Grüße "1"']]);
    const [status, [, blob = ''] = []] = protectedRows ?? [];
    assert.deepEqual(status, ['ok']);
    assert.ok(Buffer.from(blob, 'base64').length > 40 && !Buffer.from(blob, 'base64').includes('Gr'));
    const [, back, renamed] = askAdapter(
      ['Initialize-Adapter'],
      ['Unprotect-Secret', ['smtp', blob]],
      ['Unprotect-Secret', ['hook', blob]],
    );
    assert.deepEqual(back, [['ok'], ['secret', 'Grüße "1"']]);
    assert.deepEqual([renamed?.[0]?.[0], renamed?.[0]?.[1], renamed?.[0]?.[3]], ['error', 'secret-unreadable', 'hook']);
  });

  it('captures certificate bindings, certificates and sites as registry, stores and configuration hold them, and plans on them', () => {
    layOut(work, wine);
    standInForWebAdministration();
    const file = join(work, 'capture.json');
    const { exitCode, document } = certrebind('capture', zPath(file));
    assert.equal(exitCode, 0, JSON.stringify(document));
    const snapshot = JSON.parse(readFileSync(file, 'utf8'));
    const records = recordsOf(snapshot);
    assert.equal(snapshot.server.iis, '10.0');
    assert.deepEqual(each(records, 'key', 'thumbprint'), [['0.0.0.0:443', old?.thumbprint]]);
    assert.deepEqual(snapshot.listenOnly, ['192.0.2.5', '2001:db8::5']);
    assert.deepEqual(records[0]?.options.unknownValues, ['0\\'], 'the key below the record');
    // Wine runs programs as an administrator, and .NET asks its token.
    assert.equal(snapshot.account, 'administrator');
    const found = new Map(snapshot.certificates.map((each: { thumbprint: string }) => [each.thumbprint, each]));
    assert.deepEqual([...found.keys()].sort(), [old?.thumbprint, renewed?.thumbprint].sort());
    assert.deepEqual(each(snapshot.sites, 'name', 'state'), [['Shop', 'started']]);

    const pair = ['--old', old?.thumbprint ?? '', '--new', renewed?.thumbprint ?? ''];
    const planned = certrebind('plan', ...pair, '--replay', zPath(file));
    assert.equal(planned.exitCode, 0, JSON.stringify(planned.document));
    assert.deepEqual(
      planned.document.blocked.map(met).map(({ key, reason }: Record<string, string>) => [key, reason]),
      [['0.0.0.0:443', 'key-missing']],
      'the store holds no key of the new certificate',
    );
  });

  it('reads the sites out of the configuration where there is no module WebAdministration, and plans no swap', () => {
    layOut(work, wine);
    rmSync(modules, { recursive: true, force: true });
    const file = join(work, 'without.json');
    const { exitCode, document } = certrebind('capture', zPath(file));
    assert.equal(exitCode, 0, JSON.stringify(document));
    const snapshot = JSON.parse(readFileSync(file, 'utf8'));
    assert.equal(snapshot.webAdministration, 'missing');
    assert.deepEqual(each(snapshot.sites, 'name', 'state'), [['Shop', 'unknown']]);
    const pair = ['--old', old?.thumbprint ?? '', '--new', renewed?.thumbprint ?? ''];
    const planned = certrebind('plan', ...pair, '--replay', zPath(file));
    assert.match(planned.document.blocked[0].obstacles[0].text, /Install-WindowsFeature Web-Scripting-Tools/);
  });
});

function readCertificate(name: string) {
  const der = new X509Certificate(readFileSync(join(fixtures, name))).raw;
  return { der, thumbprint: new X509Certificate(der).fingerprint.replaceAll(':', '') };
}

/** A server as `reg export` shows one: IIS 10, one record of HTTP.SYS, two certificates of the store My. */
function layOut(work: string, wine: Wine): void {
  const http = 'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters\\SslBindingInfo';
  const my = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\SystemCertificates\\My\\Certificates';
  const lines = [
    'Windows Registry Editor Version 5.00',
    '',
    '[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\InetStp]',
    '"MajorVersion"=dword:0000000a',
    '"MinorVersion"=dword:00000000',
    '',
    `[${http.replace(/\\[^\\]+$/, '')}]`,
    `"ListenOnlyList"=${hex(Buffer.from('192.0.2.5\u00002001:db8::5\0\0', 'utf16le')).replace('hex:', 'hex(7):')}`,
    '',
    `[${http}]`,
    '',
    `[${http}\\0.0.0.0:443\\0]`,
    '"Property"=dword:00000001',
    '',
    `[${http}\\0.0.0.0:443]`,
    '"AppId"=hex:81,e1,c3,4d,4b,e1,21,4a,b0,22,59,fc,66,9b,09,14',
    `"SslCertHash"=${hex(Buffer.from(old?.thumbprint ?? '', 'hex'))}`,
    '"SslCertStoreName"="MY"',
    '"DefaultSslCertCheckMode"=dword:00000000',
    '"DefaultFlags"=dword:00000000',
    ...[old, renewed].flatMap((each) => [
      '',
      `[${my}\\${each?.thumbprint}]`,
      `"Blob"=${hex(stored(each?.der ?? Buffer.alloc(0)))}`,
    ]),
    '',
  ];
  const file = join(work, 'server.reg');
  writeFileSync(file, Buffer.from(`\uFEFF${lines.join('\r\n')}`, 'utf16le'));
  importRegistry(wine, file);
  mkdirSync(configuration, { recursive: true });
  writeFileSync(
    join(configuration, 'applicationHost.config'),
    `<configuration><system.applicationHost><sites><site name="Shop" id="1"><bindings>
      <binding protocol="https" bindingInformation="*:443:" sslFlags="0" /></bindings></site></sites></system.applicationHost></configuration>`,
  );
}

/** Wine refused this once; importing again changes nothing. What it says is shown if it keeps refusing. */
function importRegistry(wine: Wine, file: string): void {
  for (let attempt = 1; ; attempt++) {
    const { status, stdout, stderr } = wine.run('reg', ['import', zPath(file)]);
    if (status === 0) return;
    assert.ok(attempt < 3, `reg import ended with ${status}: ${stdout}${stderr}`);
  }
}

/** Wine has no WebAdministration; of it the adapter asks for nothing but the states of sites here. */
function standInForWebAdministration(): void {
  mkdirSync(modules, { recursive: true });
  writeFileSync(
    join(modules, 'WebAdministration.psd1'),
    "@{ ModuleVersion = '1.0'; RootModule = 'WebAdministration.psm1' }",
  );
  writeFileSync(
    join(modules, 'WebAdministration.psm1'),
    "function Get-Website { [pscustomobject]@{ name = 'Shop'; id = 1; state = 'Started' } }",
  );
}

/** A certificate as its store keeps it: property 32, the certificate itself (fidelity: renewal-property-blob). */
function stored(der: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(32, 0);
  head.writeUInt32LE(1, 4);
  head.writeUInt32LE(der.length, 8);
  return Buffer.concat([head, der]);
}

function hex(bytes: Buffer): string {
  return `hex:${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(',')}`;
}
