import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
// @ts-expect-error: a script of this project without types
import { stageModule } from '../../scripts/package/module-folder.mjs';
// @ts-expect-error: a script of this project without types
import { versionTexts } from '../../scripts/package/version-resource.mjs';
import { type Serving, serveLab } from '../cli/serve-lab.ts';
import { findWindowsPowerShell } from '../engine.ts';
import { checkout, linuxBinary, version, windowsExe, windowsZip } from './artefacts.ts';

const windowsSide = { CERTREBIND_CHECKOUT: checkout, CERTREBIND_LAB_SERVER: 'windows' };

describe('the zip, unpacked in an empty folder', () => {
  let folder: string;
  let lab: string;
  let program: string;
  let serving: Serving | undefined;
  let engine: string;

  before(async function () {
    this.timeout(60_000);
    engine = demandEngine(this);
    folder = mkdtempSync(join(tmpdir(), 'certrebind-zip-'));
    unpack(windowsZip, folder);
    // The binary for Linux stands where the one for Windows lies.
    program = join(folder, 'CertRebind', 'bin', 'certrebind');
    copyFileSync(linuxBinary, program);
    chmodSync(program, 0o755);
    lab = join(folder, 'lab');
    execFileSync(program, ['lab', 'create', lab], { stdio: 'ignore' });
    serving = await serveLab(lab, { command: [program], env: { ...process.env, ...windowsSide } });
  });
  after(async () => {
    await serving?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  it('names every file of it with its hash', () => {
    const sums = readFileSync(join(folder, 'CertRebind', 'SHA256SUMS'), 'utf8')
      .trim()
      .split('\n');
    const named = sums.map((line) => `CertRebind/${line.slice(66)}`);
    const zipped = Object.keys(unzipSync(readFileSync(windowsZip)));
    assert.deepEqual(named.sort(), zipped.filter((name) => !name.endsWith('/SHA256SUMS')).sort());
  });

  it('has a page for administrators whose links lead to files that are there', () => {
    const zipped = Object.keys(unzipSync(readFileSync(windowsZip)));
    const page = readFileSync(join(folder, 'CertRebind', 'README.md'), 'utf8');
    const links = Array.from(page.matchAll(/\]\(([^)]+)\)/g), ([, target = '']) => target);
    assert.ok(links.length > 2);
    for (const link of links) assert.ok(zipped.includes(`CertRebind/${link}`), link);
    assert.doesNotMatch(page, /npm |package\.json|src\//);
  });

  it('has its sums and its bill of materials beside it too', () => {
    const sums = readFileSync(join(windowsZip, '..', 'SHA256SUMS'), 'utf8')
      .trim()
      .split('\n');
    for (const line of sums) {
      const [hash, name = ''] = line.split('  ');
      const bytes = readFileSync(join(windowsZip, '..', name));
      assert.equal(createHash('sha256').update(bytes).digest('hex'), hash, name);
    }
    const bill = sums.find((line) => line.endsWith('.sbom.cdx.json'))?.slice(66) ?? '';
    const text = readFileSync(join(windowsZip, '..', bill), 'utf8');
    assert.equal(text, readFileSync(join(folder, 'CertRebind', 'sbom.cdx.json'), 'utf8'));
    const { metadata, components, dependencies } = JSON.parse(text);
    assert.equal(metadata.supplier.name, 'CertRebind contributors');
    const refs = components.map((one: Record<string, string>) => one['bom-ref']);
    assert.deepEqual(dependencies, [{ ref: metadata.component['bom-ref'], dependsOn: refs }]);
    const node = components.find(({ name }: { name: string }) => name === 'node');
    assert.match(node.hashes[0].content, /^[0-9a-f]{64}$/);
  });

  it('does the whole job: Import-Module, Enable-CertRebind, a renewal, and its certificate is served', () => {
    powershell(engine, folder, 'Import-Module ./CertRebind; Enable-CertRebind', {
      ...windowsSide,
      CERTREBIND_LAB: lab,
    });
    const before = ask('usage');
    const old: string = before.certificates.find(
      (one: { consumers: unknown[] }) => one.consumers.length > 5,
    ).thumbprint;
    const renewed = ask('lab', 'renew', old, '--wait');
    const { runs } = ask('history');
    assert.equal(runs.length, 1);
    const outcome = ask('history', runs[0].run);
    assert.equal(outcome.result, 'rebound');
    assert.equal(outcome.cost.sessions, 1, 'it went through one PowerShell');
    const { endpoints } = ask('verify');
    const served = endpoints.filter((one: { thumbprint: string | null }) => one.thumbprint === renewed.new);
    assert.ok(served.length >= 6, `${served.length} endpoints serve it`);
    assert.equal(endpoints.filter((one: { matches: boolean | null }) => one.matches === false).length, 0);
  }).timeout(120_000);

  function ask(...words: readonly string[]) {
    return JSON.parse(execFileSync(program, [...words, '--lab', lab, '--json'], { encoding: 'utf8' }));
  }
});

it('the executable for Windows is named as people know it, where Task Manager and inventories look', () => {
  const { FileDescription, ProductName, ProductVersion } = versionTexts(readFileSync(windowsExe));
  assert.deepEqual([FileDescription, ProductName, ProductVersion], ['CertRebind', 'CertRebind', version]);
});

describe('the module from a gallery', () => {
  let folder: string;
  let engine: string;
  before(function () {
    engine = demandEngine(this);
    folder = mkdtempSync(join(tmpdir(), 'certrebind-gallery-'));
  });
  after(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  it('is published, installed, imported by name, enables from its place for good, and is uninstalled', () => {
    const [home, lab] = [join(folder, 'home'), join(folder, 'lab')];
    for (const path of [home, join(folder, 'gallery')]) mkdirSync(path);
    copyFileSync(linuxBinary, join(folder, 'certrebind'));
    stageModule({ folder: join(folder, 'CertRebind'), exe: join(folder, 'certrebind'), version });
    execFileSync(linuxBinary, ['lab', 'create', lab], { stdio: 'ignore' });
    const said = powershell(
      engine,
      folder,
      `Register-PSResourceRepository -Name Folder -Uri (Resolve-Path gallery).Path -Trusted
       Publish-PSResource -Path CertRebind -Repository Folder
       Remove-Item CertRebind -Recurse
       Install-PSResource -Name CertRebind -Repository Folder -Scope CurrentUser
       $found = (Get-Module -ListAvailable CertRebind).ModuleBase
       # A package of the gallery keeps no permissions of files; on Windows none are needed.
       [IO.File]::SetUnixFileMode("$found/bin/certrebind", 'UserRead, UserWrite, UserExecute')
       Import-Module CertRebind
       $enabled = Enable-CertRebind -NoProof
       Remove-Module CertRebind
       Uninstall-PSResource -Name CertRebind
       $left = @(Get-Module -ListAvailable CertRebind; Get-InstalledPSResource CertRebind -ErrorAction Ignore)
       @{ found = $found; enabled = $enabled.enabled; left = $left.Count } | ConvertTo-Json -Compress`,
      // What is installed for a user, and which repositories there are, is kept in the home folder.
      { HOME: home, XDG_DATA_HOME: '', XDG_CONFIG_HOME: '', XDG_CACHE_HOME: '', CERTREBIND_LAB: lab },
    );
    const { found, enabled, left } = JSON.parse(said);
    assert.ok(found.startsWith(home) && found.endsWith(join('CertRebind', version)), found);
    assert.deepEqual([enabled, left, existsSync(found)], [true, 0, false]);

    const place = join(lab, 'Program Files', 'CertRebind');
    const program = join(place, 'certrebind');
    assert.ok(readFileSync(program).equals(readFileSync(linuxBinary)), 'the program in its place is the one installed');
    assert.ok(existsSync(join(place, 'certrebind.dsc.resource.json')));
    // The tasks start that one, so that an uninstalled module takes nothing from under them.
    const status = JSON.parse(execFileSync(program, ['status', '--lab', lab, '--json'], { encoding: 'utf8' }));
    const codes = status.findings.map(({ code }: { code: string }) => code);
    assert.deepEqual([status.enabled, codes], [true, ['not-proven']]);
  }).timeout(120_000);
});

function demandEngine(context: Mocha.Context): string {
  const found = findWindowsPowerShell();
  if (found !== null) return found;
  if (process.env.CI !== undefined) throw new Error('no PowerShell was found');
  console.error('NOT RUN: the delivered module, because no PowerShell was found');
  return context.skip();
}

function powershell(engine: string, folder: string, script: string, more: Readonly<Record<string, string>>): string {
  const file = join(folder, 'script.ps1');
  writeFileSync(file, `$ErrorActionPreference = 'Stop'\n${script}\n`);
  const { PSModulePath: _inherited, ...env } = process.env;
  return execFileSync(engine, ['-NoProfile', '-NonInteractive', '-File', file], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...env, ...more, TERM: 'dumb' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function unpack(zip: string, folder: string): void {
  for (const [name, bytes] of Object.entries(unzipSync(readFileSync(zip)))) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
}
