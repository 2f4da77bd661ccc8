// wine-powershell.mjs: the Windows build of PowerShell 7 in a Wine prefix of its own, at the path where Windows keeps its
// PowerShell, so that the Windows executable finds an engine. Everything comes from NuGet; what is there already is kept.
// See "The Windows binaries under Wine" in docs/evidence/other-programs.md for what it can show and what not.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWine } from '../test/packaged/wine.ts';
import { withLock } from './lib/lock.mjs';
import { inRoot, readOrEmpty } from './lib/paths.mjs';

const RUNTIME = '10.0.12';
const NUGET = inRoot('.cache/nuget');
export const WINE_PREFIX = inRoot('.cache/wine-powershell');
const DRIVE_C = join(WINE_PREFIX, 'drive_c');
const MARK = join(WINE_PREFIX, '.certrebind-ready');
// Only stores with their own key are listed. A key for Root breaks all of Cert:, which adds that store by itself.
const STORES = ['My', 'CA', 'Trust', 'WebHosting'];

/** Makes the prefix unless it is there, and says whether it had to. */
export async function preparePowerShell() {
  const wanted = JSON.stringify({ powershell: powerShellVersion(), runtime: RUNTIME, layout: 3 });
  if (readOrEmpty(MARK) === wanted) return false;
  mkdirSync(inRoot('.cache'), { recursive: true });
  return withLock(`${WINE_PREFIX}.lock`, () => {
    if (readOrEmpty(MARK) === wanted) return false;
    rmSync(WINE_PREFIX, { recursive: true, force: true });
    mkdirSync(WINE_PREFIX);
    const packages = downloadPackages();
    const prefix = openWine(WINE_PREFIX);
    const wine = (words, env = {}) => {
      const [program, ...args] = words;
      const { status, stdout, stderr } = prefix.run(program, args, { env, timeoutMs: 120_000 });
      if (status !== 0) throw new Error(`wine ${words.join(' ')} ended with ${status}: ${stdout}${stderr}`);
    };
    try {
      // Here, and only here, without mscoree: a new prefix would ask for Mono.
      const withoutMono = { WINEDLLOVERRIDES: 'mscoree,mshtml=' };
      wine(['wineboot', '-i'], withoutMono);
      // Wine 8 calls itself Windows 7, which Node 22 refuses.
      wine(['winecfg', '-v', 'win10'], withoutMono);
      layOut(packages);
      for (const store of STORES) wine(['reg', 'add', `HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\${store}`, '/f']);
      // The engine gets an environment without ProgramFiles, so .NET has to be found in the registry.
      const installed = 'HKLM\\SOFTWARE\\dotnet\\Setup\\InstalledVersions\\x64';
      for (const view of ['/reg:32', '/reg:64'])
        wine(['reg', 'add', installed, '/v', 'InstallLocation', '/d', 'C:\\Program Files\\dotnet', '/f', view]);
    } finally {
      spawnSync('wineserver', ['-k'], { env: { ...process.env, WINEPREFIX: WINE_PREFIX } });
      prefix.end();
    }
    writeFileSync(MARK, wanted);
    return true;
  });
}

/** The version that the tests of the Windows side use too. */
function powerShellVersion() {
  return JSON.parse(readFileSync(inRoot('.config/dotnet-tools.json'), 'utf8')).tools.powershell.version;
}

function downloadPackages() {
  const packages = {
    powershell: ['PowerShell', powerShellVersion()],
    core: ['Microsoft.NETCore.App.Runtime.win-x64', RUNTIME],
    desktop: ['Microsoft.WindowsDesktop.App.Runtime.win-x64', RUNTIME],
  };
  const folders = Object.fromEntries(
    Object.entries(packages).map(([key, [id, version]]) => [key, join(NUGET, id.toLowerCase(), version)]),
  );
  if (Object.values(folders).every((folder) => existsSync(join(folder, '.nupkg.metadata')))) return folders;
  const work = mkdtempSync(join(tmpdir(), 'certrebind-nuget-'));
  try {
    const items = Object.values(packages).map(([id, v]) => `<PackageDownload Include="${id}" Version="[${v}]"/>`);
    writeFileSync(
      join(work, 'download.csproj'),
      `<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup><ItemGroup>${items.join('')}</ItemGroup></Project>`,
    );
    const { status, stdout, error } = spawnSync('dotnet', ['restore', work, '--packages', NUGET], {
      encoding: 'utf8',
      env: { ...process.env, DOTNET_CLI_TELEMETRY_OPTOUT: '1', DOTNET_NOLOGO: '1' },
    });
    if (status !== 0) throw new Error(`dotnet restore failed: ${error?.message ?? stdout}`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folders;
}

function layOut({ powershell, core, desktop }) {
  const dotnet = join(DRIVE_C, 'Program Files', 'dotnet');
  const shell = join(DRIVE_C, 'Program Files', 'PowerShell', '7');
  const frameworks = { 'Microsoft.NETCore.App': core, 'Microsoft.WindowsDesktop.App': desktop };
  for (const [name, folder] of Object.entries(frameworks)) {
    const target = join(dotnet, 'shared', name, RUNTIME);
    const runtime = join(folder, 'runtimes', 'win-x64');
    copyFiles(join(runtime, 'native'), target);
    copyFiles(join(runtime, 'lib', 'net10.0'), target);
  }
  const resolver = join(dotnet, 'host', 'fxr', RUNTIME);
  mkdirSync(resolver, { recursive: true });
  cpSync(join(core, 'runtimes', 'win-x64', 'native', 'hostfxr.dll'), join(resolver, 'hostfxr.dll'));
  cpSync(join(powershell, 'tools', 'net10.0', 'any', 'win'), shell, { recursive: true });
  switchOffProtectionOfCode(shell);
  const starter = readFileSync(join(shell, 'pwsh.exe'));
  const windowsShell = join(DRIVE_C, 'windows', 'system32', 'WindowsPowerShell', 'v1.0');
  mkdirSync(windowsShell, { recursive: true });
  rmSync(join(windowsShell, 'powershell.exe'), { force: true });
  writeFileSync(join(windowsShell, 'powershell.exe'), repointed(starter));
}

/**
 * Under Wine .NET ends with an internal error when it cleans up compiled code, unless one of its protections is off.
 * The environment that the executable gives its engine does not pass that setting on; PowerShell's own configuration
 * file does.
 */
function switchOffProtectionOfCode(shell) {
  const file = join(shell, 'pwsh.runtimeconfig.json');
  const settings = JSON.parse(readFileSync(file, 'utf8'));
  settings.runtimeOptions.configProperties['System.Runtime.EnableWriteXorExecute'] = false;
  writeFileSync(file, JSON.stringify(settings, null, 2));
}

/** The starter of a .NET program holds the name of its library in a field of 1024 bytes; here it becomes a path. */
function repointed(starter) {
  const name = Buffer.from('pwsh.dll\0', 'latin1');
  const path = Buffer.from('..\\..\\..\\..\\Program Files\\PowerShell\\7\\pwsh.dll\0', 'latin1');
  const at = starter.indexOf(name);
  const rest = starter.subarray(at + name.length, at + 1024);
  if (at === -1 || starter.indexOf(name, at + 1) !== -1 || rest.some((byte) => byte !== 0))
    throw new Error('pwsh.exe is not laid out as expected, so it cannot be pointed at its library');
  path.copy(starter, at);
  return starter;
}

function copyFiles(from, to) {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true }))
    if (entry.isFile()) cpSync(join(from, entry.name), join(to, entry.name));
}
