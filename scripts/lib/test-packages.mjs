// What the tests in PowerShell need from NuGet.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { inRoot, ROOT } from './paths.mjs';

const PROJECT = inRoot('test/powershell/pester/pester.csproj');
const REFERENCES = inRoot('test/powershell/references/references.csproj');

/** The module's manifest, restored from NuGet into a folder of this project when it is not there yet. */
export function findPester() {
  const [{ folder = '' } = {}] = packagesOf(PROJECT);
  const manifest = join(folder, 'tools', 'Pester.psd1');
  return restore(PROJECT, [manifest], 'PESTER') ? manifest : null;
}

/** Whether the reference assemblies that ApiFloor.Tests.ps1 reads are there; restored the same way. */
export function findReferences() {
  const manifests = packagesOf(REFERENCES).map(({ folder, name }) => join(folder, `${name}.nuspec`));
  return restore(REFERENCES, manifests, 'REFERENCE ASSEMBLIES');
}

function packagesOf(project) {
  const named = readFileSync(project, 'utf8').matchAll(/Include="([^"]+)" Version="\[([^\]]+)\]"/g);
  return Array.from(named, ([, id = '', version = '']) => {
    const name = id.toLowerCase();
    return { name, folder: join(inRoot('.cache/nuget'), name, version) };
  });
}

function restore(project, files, what) {
  if (files.every((file) => existsSync(file))) return true;
  // Given here, because in the project it would come too late to keep files from appearing beside it.
  const intermediate = `-p:BaseIntermediateOutputPath=${inRoot(`.cache/${basename(project, '.csproj')}/`)}`;
  const { status, stdout } = spawnSync('dotnet', ['restore', project, intermediate], { encoding: 'utf8', cwd: ROOT });
  if (status === 0 && files.every((file) => existsSync(file))) return true;
  const text = `NO ${what}: dotnet restore of ${project} failed; tests in PowerShell do not run`;
  if (process.env.CI !== undefined) throw new Error(`${text}\n${stdout}`);
  console.error(`\n*** ${text} ***\n${stdout}`);
  return false;
}
