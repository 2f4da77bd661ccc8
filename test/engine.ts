import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * The real PowerShell that tests run: CERTREBIND_TEST_PWSH, else `pwsh` of the path, else the .NET tool of
 * .config/dotnet-tools.json, started directly because its launcher doubles the time of a start. `null` when there is
 * none, after one loud line; in CI that is an error.
 */
export function findEngine(): string | null {
  found ??= { engine: process.env.CERTREBIND_TEST_PWSH ?? onPath() ?? dotnetTool() };
  if (found.engine === null) {
    const text =
      'NO POWERSHELL: set CERTREBIND_TEST_PWSH, or install the .NET SDK; tests of the Windows side do not run';
    if (process.env.CI !== undefined) throw new Error(text);
    console.error(`\n*** ${text} ***\n`);
  }
  return found.engine;
}

let found: { readonly engine: string | null } | undefined;

function onPath(): string | null {
  const name = process.platform === 'win32' ? 'pwsh.exe' : 'pwsh';
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

function dotnetTool(): string | null {
  const path = join(packageFolder(), 'powershell', toolVersion(), 'tools', ...toolPath);
  if (isExecutable(path)) return path;
  spawnSync('dotnet', ['tool', 'restore'], { stdio: 'ignore', cwd: root });
  return isExecutable(path) ? path : null;
}

const root = join(import.meta.dirname, '..');
const toolPath =
  process.platform === 'win32' ? ['net10.0', 'any', 'win', 'pwsh.exe'] : ['net10.0', 'any', 'unix', 'pwsh'];

function packageFolder(): string {
  return process.env.NUGET_PACKAGES ?? join(homedir(), '.nuget', 'packages');
}

function toolVersion(): string {
  const manifest = readFileSync(join(root, '.config', 'dotnet-tools.json'), 'utf8');
  return /"powershell":\s*\{\s*"version":\s*"([^"]+)"/.exec(manifest)?.[1] ?? '';
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
