import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
// @ts-expect-error: a script of this project without types
import { stageModule } from '../../../scripts/package/module-folder.mjs';
import { version } from '../artefacts.ts';
import { windowsZip } from '../windows-artefacts.ts';
import { runCommandFile } from './command-file.ts';
import { classLines, dscConfig, manifestOf } from './desired-state.ts';
import type { Line, Server } from './server.ts';
import { nextVersion } from './versions.ts';
import { wingetOn } from './winget.ts';

/** Writes the transcript of a way: what is typed or started, and what comes of it. */
export interface Narrator {
  /** A remark between the commands. */
  say(text: string): void;
  /** Something that a product runs unseen, and how it ended. */
  ran(command: string, exitCode: number): void;
  /** A PowerShell session of its own; what each of its lines printed. */
  session(...lines: readonly Line[]): readonly string[];
  /** The installed program, or another, started by hand. */
  typed(file: string, ...words: readonly string[]): readonly string[];
}

/** The programs of both versions, as somebody downloaded them. */
export interface Downloads {
  readonly now: string;
  readonly next: string;
}

/** A way to install, as docs/deploy.md has it; what all ways share is told by the story. */
export interface Way {
  readonly title: string;
  /** Whether tasks and commands go through the Windows side, which takes its time. */
  readonly throughWindowsSide?: true;
  /** By what certificate rebind is switched on: unseen, with the installation, or typed in the first session. */
  readonly enable: 'with-install' | readonly Line[];
  install(server: Server, tell: Narrator, downloads: Downloads): Promise<void> | void;
  upgrade(server: Server, tell: Narrator, downloads: Downloads): Promise<void> | void;
  uninstall(server: Server, tell: Narrator, downloads: Downloads): Promise<void> | void;
  /** The program that removes history and configuration at the end, where it is not the one that was downloaded. */
  purge?(server: Server): string;
}

const enableByHand: readonly Line[] = ['(Enable-CertRebind -ReplaceNative).enabled'];

/** A command file, run as a product or a start of Windows does. */
function commandFile(server: Server, tell: Narrator, folder: string, name: string): void {
  const { exitCode, printed } = runCommandFile(readFileSync(join(folder, name), 'utf8'), folder, (program, words) =>
    server.start(
      program.startsWith('C:\\Program Files\\CertRebind\\') ? server.installed : join(folder, 'certrebind'),
      words,
    ),
  );
  assert.equal(exitCode, 0, printed.join('\n'));
  tell.ran(name, exitCode);
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
function chocolatey(tell: Narrator, command: string, script: string): void {
  tell.session(
    {
      hidden: `function Start-ChocolateyProcessAsAdmin {
        param([string] $ExeToRun, [string] $Statements, [int[]] $ValidExitCodes)
        $said = & $ExeToRun.Replace('certrebind.exe', 'certrebind') $Statements.Split(' ')
        if ($ValidExitCodes -notcontains $LASTEXITCODE) { throw "$ExeToRun ended with \${LASTEXITCODE}: $said" }
      }`,
    },
    { hidden: `. '${script}'` },
  );
  tell.ran(command, 0);
}

export const ways: readonly Way[] = [
  {
    title: 'A zip',
    throughWindowsSide: true,
    enable: [],
    install(server, tell, { now }) {
      for (const [name, bytes] of Object.entries(unzipSync(readFileSync(windowsZip)))) {
        mkdirSync(dirname(join(server.folder, name)), { recursive: true });
        writeFileSync(join(server.folder, name), bytes);
      }
      // The program for Linux stands where the one for Windows lies.
      copyFileSync(now, join(server.folder, 'CertRebind', 'bin', 'certrebind'));
      const [, , , enabled] = tell.session(
        // Linux has no mark of a download, and PowerShell no command for it there.
        {
          hidden: `Set-Location '${server.folder}'; function Unblock-File { param([Parameter(ValueFromPipeline)] $File) process { $null = Get-Item $File } }`,
        },
        'Get-ChildItem -Path .\\CertRebind -Recurse -File | Unblock-File',
        'Import-Module .\\CertRebind',
        '(Enable-CertRebind -ReplaceNative).enabled',
      );
      assert.equal(enabled, 'True');
    },
    upgrade(server, tell, { next }) {
      copyFileSync(next, join(server.folder, 'CertRebind', 'bin', 'certrebind'));
      tell.typed(join(server.folder, 'CertRebind', 'bin', 'certrebind'), 'install');
    },
    uninstall(server, tell) {
      tell.typed(join(server.folder, 'CertRebind', 'bin', 'certrebind'), 'uninstall');
    },
    purge: ({ folder }) => join(folder, 'CertRebind', 'bin', 'certrebind'),
  },
  {
    title: 'PowerShell Gallery',
    enable: enableByHand,
    install(server, tell, { now }) {
      const gallery = join(server.folder, 'gallery');
      mkdirSync(gallery);
      const [, , , found] = tell.session(
        {
          hidden: `Unregister-PSResourceRepository -Name PSGallery
            Register-PSResourceRepository -Name Gallery -Uri '${gallery}' -Trusted`,
        },
        { hidden: publishing(server, version, now) },
        'Install-PSResource -Name CertRebind',
        '(Get-Module -ListAvailable CertRebind).ModuleBase',
        { hidden: executableIn(server, version) },
      );
      assert.ok(found?.startsWith(join(server.folder, 'home')), found);
    },
    upgrade(server, tell, { now, next }) {
      assert.ok(readFileSync(server.installed).equals(readFileSync(now)), 'what was enabled is what was downloaded');
      const [, , , enabled] = tell.session(
        { hidden: publishing(server, nextVersion, next) },
        'Update-PSResource -Name CertRebind',
        { hidden: executableIn(server, nextVersion) },
        '(Enable-CertRebind).enabled',
      );
      assert.equal(enabled, 'True');
    },
    uninstall(server, tell) {
      tell.typed(server.installed, 'uninstall');
      const [, left] = tell.session(
        'Uninstall-PSResource -Name CertRebind',
        '@(Get-Module -ListAvailable CertRebind).Count',
      );
      assert.equal(left, '0');
    },
  },
  {
    title: 'winget',
    enable: enableByHand,
    async install(server, tell, { now }) {
      const folder = server.packaged('winget', version, now);
      const { did, exitCode } = await wingetOn(server).install(folder);
      assert.equal(did, 'install');
      tell.ran('winget install CertRebind.CertRebind', exitCode);
    },
    async upgrade(server, tell, { next }) {
      const folder = server.packaged('winget', nextVersion, next);
      const { did, exitCode } = await wingetOn(server).install(folder);
      assert.equal(did, 'upgrade');
      tell.ran('winget upgrade CertRebind.CertRebind', exitCode);
      assert.equal((await wingetOn(server).install(folder)).did, 'nothing');
    },
    async uninstall(server, tell) {
      const { exitCode } = await wingetOn(server).uninstall(join(server.folder, 'winget'));
      tell.ran('winget uninstall CertRebind.CertRebind', exitCode);
    },
  },
  {
    title: 'Chocolatey',
    enable: enableByHand,
    install(server, tell, { now }) {
      const folder = server.packaged('chocolatey', version, now);
      chocolatey(tell, 'choco install certrebind', join(folder, 'tools', 'chocolateyInstall.ps1'));
    },
    upgrade(server, tell, { next }) {
      const folder = server.packaged('chocolatey', nextVersion, next);
      chocolatey(tell, 'choco upgrade certrebind', join(folder, 'tools', 'chocolateyInstall.ps1'));
    },
    uninstall(server, tell) {
      const script = join(server.folder, 'chocolatey', 'tools', 'chocolateyUninstall.ps1');
      chocolatey(tell, 'choco uninstall certrebind', script);
    },
  },
  {
    title: 'Intune, Configuration Manager',
    enable: 'with-install',
    install(server, tell, { now }) {
      const folder = server.packaged('intune', version, now);
      commandFile(server, tell, folder, 'install.cmd');
      assert.equal(detects(server), true);
      tell.ran('Test-CertRebindInstalled.ps1 prints "enabled"', 0);
    },
    upgrade(server, tell, { next }) {
      const folder = server.packaged('intune', nextVersion, next);
      assert.equal(detects(server), false, 'the package of the new version is not there yet');
      commandFile(server, tell, folder, 'install.cmd');
      assert.equal(detects(server), true);
    },
    uninstall(server, tell) {
      commandFile(server, tell, join(server.folder, 'intune'), 'uninstall.cmd');
      assert.equal(detects(server), false);
      tell.ran('Test-CertRebindInstalled.ps1 prints nothing', 0);
    },
  },
  {
    title: 'Group Policy',
    enable: 'with-install',
    async install(server, tell, { now }) {
      const share = server.packaged('group-policy', version, now);
      commandFile(server, tell, share, 'startup.cmd');
      const before = await asItStands(server);
      commandFile(server, tell, share, 'startup.cmd');
      assert.deepEqual(await asItStands(server), before, 'the next start changes nothing');
      tell.say('The server was started twice; the second start changed nothing.');
    },
    upgrade(server, tell, { next }) {
      const share = join(server.folder, 'group-policy');
      rmSync(join(share, 'certrebind'));
      copyFileSync(next, join(share, 'certrebind'));
      tell.say('The executable on the share is replaced, and the server started.');
      commandFile(server, tell, share, 'startup.cmd');
    },
    uninstall(server, tell, { next }) {
      tell.say('The start-up script is now the uninstall.cmd of Intune, beside the executable.');
      commandFile(server, tell, server.packaged('intune', nextVersion, next), 'uninstall.cmd');
    },
  },
  {
    title: 'DSC v3',
    enable: 'with-install',
    install(server, tell, { now }) {
      tell.typed(now, 'install');
      const document = readFileSync(join(server.packaged('dsc', version), 'rebind.dsc.yaml'), 'utf8');
      assert.equal(dscConfig(server, 'set', document, manifestOf(server, version)), false);
      tell.ran('dsc config set --file rebind.dsc.yaml', 0);
      assert.equal(dscConfig(server, 'test', document, manifestOf(server, version)), true);
      tell.ran('dsc config test --file rebind.dsc.yaml: in the desired state', 0);
    },
    upgrade(server, tell, { next }) {
      tell.typed(next, 'install');
      const document = readFileSync(join(server.folder, 'dsc', 'rebind.dsc.yaml'), 'utf8');
      assert.equal(dscConfig(server, 'test', document, manifestOf(server, nextVersion)), true);
      tell.ran('dsc config test --file rebind.dsc.yaml: in the desired state', 0);
    },
    uninstall(server, tell, { next }) {
      const document = readFileSync(join(server.folder, 'dsc', 'rebind.dsc.yaml'), 'utf8');
      dscConfig(server, 'set', document, manifestOf(server, nextVersion), { _exist: false });
      tell.ran('dsc config set, with _exist: false', 0);
      tell.typed(next, 'uninstall');
    },
  },
  {
    title: 'DSC of Windows PowerShell',
    enable: 'with-install',
    install(server, tell, { now }) {
      tell.typed(now, 'install');
      const policy = join(server.folder, 'certrebind.json');
      writeFileSync(policy, '{"schema":"certrebind/configuration/1","undo":"run"}');
      setByClass(server, tell, 'Present');
    },
    upgrade: (_server, tell, { next }) => void tell.typed(next, 'install'),
    uninstall(server, tell, { next }) {
      setByClass(server, tell, 'Absent');
      tell.typed(next, 'uninstall');
    },
  },
];

/** All that Windows holds, and every installed file with the time at which it was written. */
async function asItStands(server: Server) {
  const { counters: _counted, ...state } = await server.state();
  const { files } = await server.everything();
  return { state, written: files.map((file) => [file, statSync(join(server.folder, file)).mtimeMs]) };
}

function setByClass(server: Server, tell: Narrator, ensure: 'Present' | 'Absent'): void {
  const configuration = readFileSync(join(server.packaged('dsc', version), 'WebServer.ps1'), 'utf8');
  const lines = classLines(configuration, join(server.folder, 'certrebind.json'), ensure);
  const [, did, asWanted] = server.session(...lines);
  assert.deepEqual([did, asWanted], ['set', 'True']);
  tell.ran(`Start-DscConfiguration, with Ensure = '${ensure}'`, 0);
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
