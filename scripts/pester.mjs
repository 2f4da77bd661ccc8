// pester.mjs [pattern]: runs every test/**/*.Tests.ps1 in one real PowerShell, against a lab that this process serves.
// The pattern chooses tests by their full name. Writes the counts where CERTREBIND_COUNTS says. Without an engine,
// Pester, or the reference assemblies of .NET nothing runs: an error in CI, elsewhere one loud line.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLab } from '../src/server/lab/host/create.ts';
import { serveLab } from '../src/server/lab/host/serve.ts';
import { makeSystemRoot } from '../src/server/windows-lab/system-root.ts';
import { findEngine } from '../test/engine.ts';
import { inRoot, ROOT } from './lib/paths.mjs';
import { findPester, findReferences } from './lib/test-packages.mjs';

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
  const root = await makeSystemRoot({ checkout: ROOT, engine, lab, pipe: null, account: 'system' });
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

function writeCounts(counts) {
  if (process.env.CERTREBIND_COUNTS !== undefined) writeFileSync(process.env.CERTREBIND_COUNTS, JSON.stringify(counts));
}
