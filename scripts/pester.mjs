// pester.mjs [pattern]: runs every test/**/*.Tests.ps1 in one real PowerShell, against a lab that this process serves.
// The pattern chooses tests by their full name. Writes the counts where CERTREBIND_COUNTS says. Without an engine,
// Pester, or the reference assemblies of .NET nothing runs: an error in CI, elsewhere one loud line.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createLab } from '../src/server/lab/host/create.ts';
import { serveLab } from '../src/server/lab/host/serve.ts';
import { makeSystemRoot } from '../src/server/windows-lab/system-root.ts';
import { findEngine } from '../test/engine.ts';
import { inRoot, ROOT } from './lib/paths.mjs';

const PROJECT = inRoot('test/powershell/pester/pester.csproj');
const REFERENCES = inRoot('test/powershell/references/references.csproj');
const inCi = process.env.CI !== undefined;

const engine = findEngine('published');
const pester = engine === null ? null : findPester();
if (engine === null || pester === null || !findReferences()) {
  writeCounts({ passed: 0, failed: 0, skipped: 1 });
} else {
  process.exitCode = await runPester(engine, pester, process.argv[2] ?? '');
}

async function runPester(engine, pester, pattern) {
  const folder = mkdtempSync(join(tmpdir(), 'certrebind-pester-'));
  const lab = join(folder, 'lab');
  await createLab({ folder: lab });
  const serving = await serveLab(lab);
  const root = await makeSystemRoot({ checkout: ROOT, engine, lab, pipe: null, account: 'system', hasIis: true });
  try {
    const counts = join(folder, 'counts.json');
    const status = await run(
      root.engine,
      ['-File', inRoot('test/powershell/run.ps1'), pester, counts, pattern],
      root.folder,
    );
    if (existsSync(counts)) writeCounts(JSON.parse(readFileSync(counts, 'utf8').replace(/^\uFEFF/, '')));
    return status;
  } finally {
    await root.remove();
    await serving.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(engine, args, systemRoot) {
  const { PSModulePath: _inherited, ...env } = process.env;
  const child = spawn(engine, ['-NoProfile', '-NonInteractive', ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...env, ...engineSettings(), SystemRoot: systemRoot },
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

function engineSettings() {
  return { TERM: 'dumb', NO_COLOR: '1', POWERSHELL_TELEMETRY_OPTOUT: '1', POWERSHELL_UPDATECHECK: 'Off' };
}

/** The module's manifest, restored from NuGet into a folder of this project when it is not there yet. */
function findPester() {
  const [{ folder = '' } = {}] = packagesOf(PROJECT);
  const manifest = join(folder, 'tools', 'Pester.psd1');
  return restore(PROJECT, [manifest], 'PESTER') ? manifest : null;
}

/** Whether the reference assemblies that ApiFloor.Tests.ps1 reads are there; restored the same way. */
function findReferences() {
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
  if (inCi) throw new Error(`${text}\n${stdout}`);
  console.error(`\n*** ${text} ***\n${stdout}`);
  return false;
}

function writeCounts(counts) {
  if (process.env.CERTREBIND_COUNTS !== undefined) writeFileSync(process.env.CERTREBIND_COUNTS, JSON.stringify(counts));
}
