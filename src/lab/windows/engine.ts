import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * A real PowerShell for a lab: CERTREBIND_TEST_PWSH, else `pwsh` of the path, else the .NET tool named in the
 * checkout's .config/dotnet-tools.json, or the faster copy of it if that exists. `null` if there is none.
 */
export function findLabEngine(checkout: string, env: NodeJS.ProcessEnv): string | null {
  const published = findPublishedEngine(checkout, env);
  const compiled = compiledEngine(checkout);
  const isTool = published !== null && published === toolPath(checkout, env);
  return isTool && isExecutable(compiled) ? compiled : published;
}

/** The same without that copy. The tool is started directly because its launcher doubles the time of a start. */
export function findPublishedEngine(checkout: string, env: NodeJS.ProcessEnv): string | null {
  return env.CERTREBIND_TEST_PWSH ?? onPath(env) ?? dotnetTool(checkout, env);
}

/** Where scripts/engine.mjs puts the copy with machine code. */
export function compiledEngine(checkout: string): string {
  return join(checkout, '.cache', 'engine', toolVersion(checkout), 'pwsh');
}

function onPath(env: NodeJS.ProcessEnv): string | null {
  const name = process.platform === 'win32' ? 'pwsh.exe' : 'pwsh';
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

function dotnetTool(checkout: string, env: NodeJS.ProcessEnv): string | null {
  const path = toolPath(checkout, env);
  if (isExecutable(path)) return path;
  spawnSync('dotnet', ['tool', 'restore'], { stdio: 'ignore', cwd: checkout });
  return isExecutable(path) ? path : null;
}

function toolPath(checkout: string, env: NodeJS.ProcessEnv): string {
  const packages = env.NUGET_PACKAGES ?? join(homedir(), '.nuget', 'packages');
  return join(packages, 'powershell', toolVersion(checkout), 'tools', 'net10.0', 'any', ...program);
}

const program = process.platform === 'win32' ? ['win', 'pwsh.exe'] : ['unix', 'pwsh'];

function toolVersion(checkout: string): string {
  const manifest = readFileSync(join(checkout, '.config', 'dotnet-tools.json'), 'utf8');
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
