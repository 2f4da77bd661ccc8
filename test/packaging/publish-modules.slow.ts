import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { stageModule } from '../../scripts/package/module-folder.mjs';
import { findEngine } from '../engine.ts';
import { newFolder } from '../support/temporary-lab.ts';

const script = join(import.meta.dirname, '../../scripts/publish-modules.ps1');
const { version } = packageJson;

(findEngine('published') === null ? describe.skip : describe)('the modules, published', function () {
  this.timeout(120_000);
  let folder: string;
  beforeEach(() => {
    folder = newFolder();
    for (const name of ['repository', 'home']) mkdirSync(join(folder, name));
  });

  /** A fresh PowerShell of a person who has nothing installed. */
  function powershell(command: string): string {
    const { PSModulePath: _modules, XDG_DATA_HOME: _home, ...inherited } = process.env;
    const env = { ...inherited, HOME: join(folder, 'home'), NO_COLOR: '1' };
    const engine = findEngine('published') ?? '';
    const words = ['-NoProfile', '-NonInteractive', '-Command', `$ErrorActionPreference = 'Stop'; ${command}`];
    return execFileSync(engine, words, { encoding: 'utf8', env, cwd: folder });
  }

  for (const [of, prerelease] of [
    [version, ''],
    [`${version}-beta1`, '-Prerelease'],
  ] as const)
    it(`are taken by a repository in their order, installed by name, and bring the resource for DSC: ${of}`, () => {
      const exe = join(folder, 'certrebind.exe');
      writeFileSync(exe, 'stands for the program');
      const staged = join(folder, 'unpacked', 'CertRebind');
      stageModule({ folder: staged, exe, version: of });
      powershell(
        `Register-PSResourceRepository -Name local -Uri ([uri]::new('${join(folder, 'repository')}')) -Trusted
         foreach ($try in 1, 2) { & '${script}' -Folder '${staged}' -Repository local }
         Install-PSResource -Name CertRebindDsc -Repository local ${prerelease}`,
      );
      assert.deepEqual(readdirSync(join(folder, 'repository')).sort(), [
        `CertRebind.${of}.nupkg`,
        `CertRebindDsc.${of}.nupkg`,
      ]);
      const found = powershell(
        `Import-Module CertRebindDsc; (Get-Module CertRebindDsc).ExportedDscResources
         Get-InstalledPSResource -Name CertRebind | ForEach-Object { "$($_.Version)-$($_.Prerelease)".TrimEnd('-') }`,
      );
      assert.deepEqual(found.trim().split('\n'), ['CertRebind', of]);
    });
});
