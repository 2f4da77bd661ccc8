import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { stageModule } from '../../../scripts/package/module-folder.mjs';
import { version } from '../artefacts.ts';
import { windowsZip } from '../windows-artefacts.ts';
import { runCommandFile } from './command-file.ts';
import { classLines, dscConfig, manifestOf } from './desired-state.ts';
import type { Server } from './server.ts';
import { nextVersion } from './versions.ts';
import { wingetOn } from './winget.ts';

/** The programs of both versions, as somebody downloaded them. */
export interface Downloads {
  readonly now: string;
  readonly next: string;
}

/** A way to install, as docs/deploy.md has it; what all ways share is in the story. */
export interface Way {
  readonly title: string;
  /** Whether tasks and commands go through the Windows side, which takes its time. */
  readonly throughWindowsSide?: true;
  /** Whether a renewal is played after the upgrade; the program and the tasks are at the same places whatever the way. */
  readonly renews?: true;
  /** By what certificate rebind is switched on: unseen, with the installation, or by these lines of the first session. */
  readonly enable: 'with-install' | readonly string[];
  install(server: Server, downloads: Downloads): Promise<void> | void;
  upgrade(server: Server, downloads: Downloads): Promise<void> | void;
  uninstall(server: Server, downloads: Downloads): Promise<void> | void;
  /** The program that removes history and configuration at the end, where it is not the one that was downloaded. */
  purge?(server: Server): string;
}

const enableByHand: readonly string[] = ['(Enable-CertRebind -ReplaceNative).enabled'];

/** A command file, run as a product or a start of Windows does. */
function commandFile(server: Server, folder: string, name: string): void {
  const { exitCode, printed } = runCommandFile(readFileSync(join(folder, name), 'utf8'), folder, (program, words) =>
    server.start(
      program.startsWith('C:\\Program Files\\CertRebind\\') ? server.installed : join(folder, 'certrebind'),
      words,
    ),
  );
  assert.equal(exitCode, 0, printed.join('\n'));
}

/** The script by which products find out whether it is there. */
function detects(server: Server): boolean {
  const script = readFileSync(join(server.folder, 'intune', 'Test-CertRebindInstalled.ps1'), 'utf8');
  const [said] = server.session(
    script.replaceAll('C:\\Program Files\\CertRebind\\certrebind.exe', server.installed).replace(/^exit 0$/m, ''),
  );
  return said === 'enabled';
}

/** A script of the package, with the commands of Chocolatey that it needs. */
function chocolatey(server: Server, script: string): void {
  server.session(
    `function Start-ChocolateyProcessAsAdmin {
        param([string] $ExeToRun, [string] $Statements, [int[]] $ValidExitCodes)
        $said = & $ExeToRun.Replace('certrebind.exe', 'certrebind') $Statements.Split(' ')
        if ($ValidExitCodes -notcontains $LASTEXITCODE) { throw "$ExeToRun ended with \${LASTEXITCODE}: $said" }
      }`,
    `. '${script}'`,
  );
}

export const ways: readonly Way[] = [
  {
    title: 'A zip',
    throughWindowsSide: true,
    renews: true,
    enable: [],
    install(server, { now }) {
      for (const [name, bytes] of Object.entries(unzipSync(readFileSync(windowsZip)))) {
        mkdirSync(dirname(join(server.folder, name)), { recursive: true });
        writeFileSync(join(server.folder, name), bytes);
      }
      // The program for Linux stands where the one for Windows lies.
      copyFileSync(now, join(server.folder, 'CertRebind', 'bin', 'certrebind'));
      const [, , , enabled] = server.session(
        // Linux has no mark of a download, and PowerShell no command for it there.
        `Set-Location '${server.folder}'; function Unblock-File { param([Parameter(ValueFromPipeline)] $File) process { $null = Get-Item $File } }`,
        'Get-ChildItem -Path .\\CertRebind -Recurse -File | Unblock-File',
        'Import-Module .\\CertRebind',
        '(Enable-CertRebind -ReplaceNative).enabled',
      );
      assert.equal(enabled, 'True');
    },
    upgrade(server, { next }) {
      copyFileSync(next, join(server.folder, 'CertRebind', 'bin', 'certrebind'));
      server.typed(join(server.folder, 'CertRebind', 'bin', 'certrebind'), 'install');
    },
    uninstall(server) {
      server.typed(join(server.folder, 'CertRebind', 'bin', 'certrebind'), 'uninstall');
    },
    purge: ({ folder }) => join(folder, 'CertRebind', 'bin', 'certrebind'),
  },
  {
    title: 'PowerShell Gallery',
    renews: true,
    enable: enableByHand,
    install(server, { now }) {
      const gallery = join(server.folder, 'gallery');
      mkdirSync(gallery);
      const [, , , found] = server.session(
        `Unregister-PSResourceRepository -Name PSGallery
            Register-PSResourceRepository -Name Gallery -Uri '${gallery}' -Trusted`,
        publishing(server, version, now),
        'Install-PSResource -Name CertRebind',
        '(Get-Module -ListAvailable CertRebind).ModuleBase',
        executableIn(server, version),
      );
      assert.ok(found?.startsWith(join(server.folder, 'home')), found);
    },
    upgrade(server, { now, next }) {
      assert.ok(readFileSync(server.installed).equals(readFileSync(now)), 'what was enabled is what was downloaded');
      const [, , , enabled] = server.session(
        publishing(server, nextVersion, next),
        'Update-PSResource -Name CertRebind',
        executableIn(server, nextVersion),
        '(Enable-CertRebind).enabled',
      );
      assert.equal(enabled, 'True');
    },
    uninstall(server) {
      server.typed(server.installed, 'uninstall');
      const [, left] = server.session(
        'Uninstall-PSResource -Name CertRebind',
        '@(Get-Module -ListAvailable CertRebind).Count',
      );
      assert.equal(left, '0');
    },
  },
  {
    title: 'winget',
    enable: enableByHand,
    async install(server, { now }) {
      const folder = server.packaged('winget', version, now);
      const { did, exitCode } = await wingetOn(server).install(folder);
      assert.deepEqual([did, exitCode], ['install', 0]);
    },
    async upgrade(server, { next }) {
      const folder = server.packaged('winget', nextVersion, next);
      const { did, exitCode } = await wingetOn(server).install(folder);
      assert.deepEqual([did, exitCode], ['upgrade', 0]);
      assert.equal((await wingetOn(server).install(folder)).did, 'nothing');
    },
    async uninstall(server) {
      const { exitCode, printed } = await wingetOn(server).uninstall(join(server.folder, 'winget'));
      assert.equal(exitCode, 0, printed.join('\n'));
    },
  },
  {
    title: 'Chocolatey',
    enable: enableByHand,
    install(server, { now }) {
      const folder = server.packaged('chocolatey', version, now);
      chocolatey(server, join(folder, 'tools', 'chocolateyInstall.ps1'));
    },
    upgrade(server, { next }) {
      const folder = server.packaged('chocolatey', nextVersion, next);
      chocolatey(server, join(folder, 'tools', 'chocolateyInstall.ps1'));
    },
    uninstall(server) {
      const script = join(server.folder, 'chocolatey', 'tools', 'chocolateyUninstall.ps1');
      chocolatey(server, script);
    },
  },
  {
    title: 'Intune, Configuration Manager',
    enable: 'with-install',
    install(server, { now }) {
      const folder = server.packaged('intune', version, now);
      commandFile(server, folder, 'install.cmd');
      assert.equal(detects(server), true);
    },
    upgrade(server, { next }) {
      const folder = server.packaged('intune', nextVersion, next);
      assert.equal(detects(server), false, 'the package of the new version is not there yet');
      commandFile(server, folder, 'install.cmd');
      assert.equal(detects(server), true);
    },
    uninstall(server) {
      commandFile(server, join(server.folder, 'intune'), 'uninstall.cmd');
      assert.equal(detects(server), false);
    },
  },
  {
    title: 'Group Policy',
    enable: 'with-install',
    async install(server, { now }) {
      const share = server.packaged('group-policy', version, now);
      commandFile(server, share, 'startup.cmd');
      const before = await asItStands(server);
      commandFile(server, share, 'startup.cmd');
      assert.deepEqual(await asItStands(server), before, 'the next start changes nothing');
    },
    upgrade(server, { next }) {
      const share = join(server.folder, 'group-policy');
      rmSync(join(share, 'certrebind'));
      copyFileSync(next, join(share, 'certrebind'));
      commandFile(server, share, 'startup.cmd');
    },
    uninstall(server, { next }) {
      commandFile(server, server.packaged('intune', nextVersion, next), 'uninstall.cmd');
    },
  },
  {
    title: 'DSC v3',
    enable: 'with-install',
    install(server, { now }) {
      server.typed(now, 'install');
      const document = readFileSync(join(server.packaged('dsc', version), 'rebind.dsc.yaml'), 'utf8');
      assert.equal(dscConfig(server, 'set', document, manifestOf(server, version)), false);
      assert.equal(dscConfig(server, 'test', document, manifestOf(server, version)), true);
    },
    upgrade(server, { next }) {
      server.typed(next, 'install');
      const document = readFileSync(join(server.folder, 'dsc', 'rebind.dsc.yaml'), 'utf8');
      assert.equal(dscConfig(server, 'test', document, manifestOf(server, nextVersion)), true);
    },
    uninstall(server, { next }) {
      const document = readFileSync(join(server.folder, 'dsc', 'rebind.dsc.yaml'), 'utf8');
      dscConfig(server, 'set', document, manifestOf(server, nextVersion), { _exist: false });
      server.typed(next, 'uninstall');
    },
  },
  {
    title: 'DSC of Windows PowerShell',
    enable: 'with-install',
    install(server, { now }) {
      server.typed(now, 'install');
      const policy = join(server.folder, 'certrebind.json');
      writeFileSync(policy, '{"schema":"certrebind/configuration/1","undo":"run"}');
      setByClass(server, 'Present');
    },
    upgrade: (server, { next }) => void server.typed(next, 'install'),
    uninstall(server, { next }) {
      setByClass(server, 'Absent');
      server.typed(next, 'uninstall');
    },
  },
];

/** All that Windows holds, and every installed file with the time at which it was written. */
async function asItStands(server: Server) {
  const { counters: _counted, ...state } = await server.state();
  const { files } = await server.everything();
  return { state, written: files.map((file) => [file, statSync(join(server.folder, file)).mtimeMs]) };
}

function setByClass(server: Server, ensure: 'Present' | 'Absent'): void {
  const configuration = readFileSync(join(server.packaged('dsc', version), 'WebServer.ps1'), 'utf8');
  const lines = classLines(configuration, join(server.folder, 'certrebind.json'), ensure);
  const [, did, asWanted] = server.session(...lines);
  assert.deepEqual([did, asWanted], ['set', 'True']);
}

/** What puts a version into the gallery, as a release does. */
function publishing(server: Server, of: string, program: string): string {
  const staged = join(server.folder, 'staged');
  rmSync(staged, { recursive: true, force: true });
  stageModule({ folder: join(staged, 'CertRebind'), exe: program, version: of });
  return `Publish-PSResource -Path '${join(staged, 'CertRebind')}' -Repository Gallery`;
}

/** A package of the gallery keeps no permissions of files; on Windows none are needed. */
function executableIn(server: Server, of: string): string {
  const file = join(server.folder, 'home/.local/share/powershell/Modules/CertRebind', of, 'bin/certrebind');
  return `[IO.File]::SetUnixFileMode('${file}', 'UserRead, UserWrite, UserExecute')`;
}
