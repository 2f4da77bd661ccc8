import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import packageJson from '../../package.json' with { type: 'json' };
import { writeFilledIn } from '../../scripts/package/deployment-files.mjs';
import { dscType, parseWantedServer } from '../../src/documents/dsc-server.ts';
import { productEntry, productKey } from '../../src/model/windows/product.ts';
import { run } from '../cli/run-program.ts';
import { runCommandFile } from '../packaged/ways/command-file.ts';
import { each } from '../support/each.ts';
import { itSlowly } from '../support/slow.ts';
import { newFolder, temporaryLab } from '../support/temporary-lab.ts';
import { commandFileCases } from './command-file-cases.ts';
import { readPlainYaml } from './plain-yaml.ts';
import { assertUnderstood } from './understood.ts';

const folder = join(import.meta.dirname, '../..', 'packaging');
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const { version } = packageJson;
const installedProgram = 'C:\\Program Files\\CertRebind\\certrebind.exe';

/** What winget demands of a manifest of version 1.12: the keys that must be there, and how values look. */
const demanded = {
  version: ['PackageIdentifier', 'PackageVersion', 'DefaultLocale', 'ManifestType', 'ManifestVersion'],
  installer: ['PackageIdentifier', 'PackageVersion', 'Installers', 'ManifestType', 'ManifestVersion'],
  defaultLocale: [
    ...['PackageIdentifier', 'PackageVersion', 'PackageLocale', 'Publisher', 'PackageName', 'License'],
    ...['ShortDescription', 'ManifestType', 'ManifestVersion'],
  ],
} as const;
const looks: readonly (readonly [string, RegExp])[] = [
  ['PackageIdentifier', /^[^.\s\\/:*?"<>|]{1,32}(?:\.[^.\s\\/:*?"<>|]{1,32}){1,7}$/],
  ['PackageVersion', /^[^\\/:*?"<>|]{1,128}$/],
  ['ShortDescription', /^.{3,256}$/],
  ['MinimumOSVersion', /^\d{1,5}(?:\.\d{1,5}){0,3}$/],
  ['InstallerSha256', /^[A-Fa-f0-9]{64}$/],
  ['InstallerUrl', /^https:\/\/.+$/],
  ['Architecture', /^(?:x86|x64|arm|arm64|neutral)$/],
  ['InstallerType', /^(?:msix|msi|appx|exe|zip|inno|nullsoft|wix|burn|pwa|portable)$/],
  ['Scope', /^(?:user|machine)$/],
  ['ElevationRequirement', /^(?:elevationRequired|elevationProhibited|elevatesSelf)$/],
  ['UpgradeBehavior', /^(?:install|uninstallPrevious)$/],
  [
    'ReturnResponse',
    /^(?:packageInUse|installInProgress|fileInUse|missingDependency|diskFull|contactSupport|downgrade|blockedByPolicy|systemNotSupported|custom)$/,
  ],
  ['ManifestVersion', /^1\.12\.0$/],
];

describe('files for deployment', () => {
  describe('winget', () => {
    // biome-ignore lint/suspicious/noExplicitAny: a manifest, judged below
    const manifests: readonly any[] = ['', '.installer', '.locale.en-US'].map((kind) =>
      readPlainYaml(read(`winget/CertRebind.CertRebind${kind}.yaml`)),
    );
    const [, installer] = manifests;

    it('has three manifests of one package and version, each with what winget demands', () => {
      assert.deepEqual(each(manifests, 'ManifestType'), ['version', 'installer', 'defaultLocale']);
      for (const manifest of manifests) {
        const kind = manifest.ManifestType as keyof typeof demanded;
        for (const key of demanded[kind]) assert.ok(manifest[key] !== undefined, `${kind}: ${key}`);
        assert.deepEqual([manifest.PackageIdentifier, manifest.PackageVersion], ['CertRebind.CertRebind', '0.0.0']);
        for (const [key, value] of everyValue(manifest)) {
          const look = looks.find(([name]) => name === key)?.[1];
          if (look !== undefined) assert.match(String(value), look, `${kind}: ${key}`);
        }
      }
    });

    it('hands the command over once, whatever mode: winget passes Custom behind the switch of the mode', async () => {
      const { InstallerSwitches, InstallModes } = installer;
      const keys: Readonly<Record<string, string>> = { silent: 'Silent', silentWithProgress: 'SilentWithProgress' };
      assert.ok(InstallModes.length > 0);
      for (const mode of InstallModes) {
        const line = [InstallerSwitches[keys[mode] ?? ''], InstallerSwitches.Custom].filter(Boolean).join(' ');
        assert.deepEqual(line.split(' '), ['install', '--yes'], mode);
      }
      const lab = await temporaryLab({ sites: 1 });
      try {
        const { exitCode } = await run(['install', '--yes', '--lab', lab.folder]);
        assert.equal(exitCode, 0);
      } finally {
        await lab.remove();
      }
    });

    it('names the entry that install makes', () => {
      const { values } = productEntry({ version, folder: '', program: '', bytes: 0 });
      assert.deepEqual(installer.AppsAndFeaturesEntries, [
        { DisplayName: values.DisplayName, Publisher: values.Publisher, ProductCode: productKey },
      ]);
      assert.equal(installer.ProductCode, productKey);
    });

    it('tells return codes as the table of exits has them', () => {
      const codes: readonly Record<string, unknown>[] = installer.ExpectedReturnCodes;
      const told = codes.map((each) => each.InstallerReturnCode);
      const means = Object.fromEntries(codes.map((each) => [each.InstallerReturnCode, each.ReturnResponse]));
      assert.deepEqual(means, { 3: 'downgrade', 6: 'installInProgress', 7: 'systemNotSupported' });
      const page = readFileSync(join(folder, '..', 'docs', 'deploy.md'), 'utf8');
      for (const code of told) assert.match(page, new RegExp(`^\\| ${code} \\|`, 'm'));
    });
  });

  describe('commands in them', () => {
    for (const name of ['intune/install.cmd', 'intune/uninstall.cmd', 'group-policy/startup.cmd'])
      it(`are understood: ${name}`, async () => {
        const lines = [...read(name).matchAll(/certrebind\.exe" ([^|\n]+)/g)].map(([, words = '']) => words.trim());
        assert.ok(lines.length > 0);
        for (const line of lines) await assertUnderstood(line);
      });

    // The same in the cmd of Wine: command-files.slow.ts.
    for (const { name, codes, exitCode, started } of commandFileCases)
      it(`end ${name} with the code of the first that fails, where ${JSON.stringify(codes)} is what they end with`, () => {
        const found: unknown[] = [];
        const ended = runCommandFile(read(name), 'C:\\Here', (program, words) => {
          const place = { 'C:\\Here\\certrebind.exe': 'beside', [installedProgram]: 'installed' }[program];
          found.push([place, ...words]);
          return { exitCode: codes[words[0] ?? ''] ?? 0, printed: [] };
        });
        assert.deepEqual([ended.exitCode, found], [exitCode, started]);
      });
  });

  describe('Chocolatey', () => {
    for (const [script, words] of [
      ['chocolateyInstall.ps1', 'install --yes --wait'],
      ['chocolateyUninstall.ps1', 'uninstall --yes --wait'],
    ] as const)
      it(`${script} starts the program beside it once, without questions, and takes no code for success but 0`, async () => {
        const text = read(`chocolatey/tools/${script}`);
        assert.deepEqual(
          [...text.matchAll(/^Start-\w+ .*$/gm)].map(([line]) => line),
          [`Start-ChocolateyProcessAsAdmin -ExeToRun $program -Statements '${words}' -ValidExitCodes 0`],
        );
        assert.match(text, /^\$ErrorActionPreference = 'Stop'$/m);
        assert.match(text, /^\$program = Join-Path -Path \$PSScriptRoot -ChildPath 'certrebind.exe'$/m);
        await assertUnderstood(words);
      });

    itSlowly('is packed, with both scripts, the executable, its licences and how to verify it', function () {
      const made = newFolder();
      writeFileSync(join(made, 'certrebind.exe'), 'program');
      const exe = 'ab'.repeat(32);
      writeFilledIn(join(made, 'packaging'), { version, exe, licences: 'MIT' });
      const work = join(made, 'packaging', 'chocolatey');
      assert.match(readFileSync(join(work, 'tools', 'VERIFICATION.txt'), 'utf8'), new RegExp(`^${exe}$`, 'im'));
      writeFileSync(
        join(work, 'pack.csproj'),
        '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework><NuspecFile>certrebind.nuspec</NuspecFile><IncludeBuildOutput>false</IncludeBuildOutput></PropertyGroup></Project>',
      );
      const { status, stdout, error } = spawnSync('dotnet', ['pack', 'pack.csproj', '-o', work, '--nologo'], {
        cwd: work,
        encoding: 'utf8',
        env: { ...process.env, DOTNET_CLI_TELEMETRY_OPTOUT: '1', DOTNET_NOLOGO: '1' },
      });
      if (error !== undefined && process.env.CI === undefined) this.skip();
      assert.equal(status, 0, stdout);
      const listed = Object.keys(unzipSync(readFileSync(join(work, `certrebind.${version}.nupkg`))));
      const wanted = [
        'LICENSE.txt',
        'VERIFICATION.txt',
        'certrebind.exe',
        'chocolateyInstall.ps1',
        'chocolateyUninstall.ps1',
      ];
      assert.deepEqual(
        listed.filter((name) => name.startsWith('tools/')).sort(),
        wanted.map((name) => `tools/${name}`),
      );
    });
  });

  describe('DSC', () => {
    it('wants what the program understands', () => {
      const document = readPlainYaml(read('dsc/rebind.dsc.yaml')) as { resources: readonly Record<string, unknown>[] };
      assert.equal(document.resources.length, 1);
      for (const { type, properties } of document.resources) {
        assert.equal(type, dscType);
        const wanted = parseWantedServer(JSON.stringify(properties), 'properties');
        assert.deepEqual([wanted.exist, wanted.replaceNative, wanted.policy !== null], [true, true, true]);
      }
    });

    it('names properties that the class has', () => {
      const text = readFileSync(join(folder, '..', 'module', 'CertRebindDsc', 'CertRebindDsc.psm1'), 'utf8');
      const body = /CertRebind Rebind \{([^}]*)\}/.exec(read('dsc/WebServer.ps1'))?.[1] ?? '';
      const named = [...body.matchAll(/^ *(\w+) *=/gm)].map(([, name = '']) => name);
      assert.ok(named.length > 2);
      for (const name of named) assert.match(text, new RegExp(`\\] \\$${name}\\b`));
    });
  });

  describe('Ansible', () => {
    it('starts what it copied only after its hash was compared, whole, with the one that was named', () => {
      const tasks = read('ansible/roles/certrebind/tasks/main.yml').split(/^ *- name: /m);
      const at = (part: string) => tasks.findIndex((task) => task.includes(part));
      const compared = at('certrebind_copied.stat');
      assert.match(
        tasks[compared] ?? '',
        /^ +that: certrebind_copied\.stat\.checksum \| lower == certrebind_sha256 \| lower\n +fail_msg/m,
      );
      const [hashed, started] = [
        at('register: certrebind_copied'),
        at('- "{{ certrebind_staging }}\\\\certrebind.exe"'),
      ];
      assert.ok(hashed > 0 && hashed < compared && compared < started, `${hashed}, ${compared}, ${started}`);
      assert.match(tasks[hashed] ?? '', /checksum_algorithm: sha256/);
    });

    it('starts the program with words that it understands, and asks nobody where it changes something', async () => {
      const role = read('ansible/roles/certrebind/tasks/main.yml');
      const listed = [...role.matchAll(/certrebind\.exe"?\n((?: +- [a-z-]+\n)+)/g)];
      const inOneLine = [...role.matchAll(/certrebind\.exe'((?:, '[a-z-]+')+)\]/g)];
      const started = [...listed, ...inOneLine].map(([, words = '']) => (words.match(/[a-z-]*[a-z]/g) ?? []).join(' '));
      assert.deepEqual(started, [
        'status --json',
        'install --yes --wait --json',
        'reconcile --yes --wait --json',
        'enable --yes --wait --json',
      ]);
      for (const words of started) await assertUnderstood(words);
    });
  });
});

function* everyValue(of: unknown): Generator<readonly [string, unknown]> {
  if (Array.isArray(of)) for (const each of of) yield* everyValue(each);
  else if (typeof of === 'object' && of !== null)
    for (const [key, value] of Object.entries(of)) {
      if (typeof value === 'object') yield* everyValue(value);
      else yield [key, value];
    }
}
