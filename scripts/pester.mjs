// pester.mjs [--slow] [pattern | files]: runs the fast test/**/*.Tests.ps1, or the slow ones, in a real PowerShell: in two, side by
// side, each of which takes the next file that the other has not begun, on a lab of its own that this process serves. The pattern
// chooses tests by their full name; of files that are named, or of blocks of them that begin at `file:line`, one PowerShell runs
// all. --quick ends with the first failure; --hits=<folder> as well, and tells of each block by itself what appeared in the folder.
// Writes the counts where CERTREBIND_COUNTS says. Without an engine, Pester, or the reference assemblies of .NET nothing runs: an
// error in CI, elsewhere one loud line.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLab } from '../src/lab/host/create.ts';
import { serveLab } from '../src/lab/host/serve.ts';
import { shortLife } from '../src/lab/windows/open.ts';
import { makeSystemRoot } from '../src/lab/windows/system-root.ts';
import { startEnvironment } from '../test/cli/run-program.ts';
import { findEngine } from '../test/engine.ts';
import { inRoot, ROOT } from './lib/paths.mjs';
import { runProgram } from './lib/program.mjs';
import { slowestLines } from './lib/slowest.cjs';
import { findPester, findReferences } from './lib/test-packages.mjs';
import { pesterFiles } from './lib/tiers.mjs';

const NOTHING = { passed: 0, failed: 0, skipped: 0 };

const isQuick = process.argv.includes('--quick');
const hits = process.argv.find((word) => word.startsWith('--hits='))?.slice('--hits='.length);
const isSlow = process.argv.includes('--slow');
const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const named = words.filter((word) => /\.Tests\.ps1(?::\d+)?$/.test(word));
const pattern = named.length > 0 ? '' : (words[0] ?? '');

// Pester would look for such a name in every folder below.
const absent = named.map((word) => word.replace(/:\d+$/, '')).filter((file) => !existsSync(inRoot(file)));
if (absent.length > 0) {
  console.error(
    `There is no ${absent.join(', no ')} in this project; the path is from its folder, as test/module/Fleet.Tests.ps1`,
  );
  process.exit(2);
}

const engine = findEngine();
const pester = engine === null ? null : findPester();
if (engine === null || pester === null || !findReferences()) {
  writeCounts({ ...NOTHING, skipped: 1 });
} else {
  const folder = mkdtempSync(join(tmpdir(), 'certrebind-pester-'));
  try {
    const list = join(folder, 'files.txt');
    const files = named.length > 0 ? named : pesterFiles(isSlow);
    writeFileSync(list, files.map(inRoot).join('\n'));
    const outputs = named.length > 0 ? ['inherit'] : ['inherit', 'pipe'];
    const sides = await Promise.all(outputs.map((output, at) => runPester(join(folder, `${at}`), list, output)));
    for (const { printed } of sides) process.stdout.write(printed);
    const counted = sides.map(({ counts }) => counts);
    for (const line of slowestLines(counted.flatMap(({ slowest = [] }) => slowest))) console.log(line);
    const sum = (name) => counted.reduce((total, one) => total + one[name], 0);
    writeCounts({
      ...{ passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') },
      failures: counted.flatMap(({ failures = [] }) => failures),
      units: counted[0]?.units,
    });
    process.exitCode = Math.max(...sides.map(({ status }) => status));
    if (pattern !== '' && sum('passed') + sum('failed') === 0) {
      console.error(`No test has "${pattern}" in its full name`);
      process.exitCode = 2;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param folder its own
 * @param list the file that names the test files
 * @param output 'inherit', or 'pipe' to have it back as `printed`
 */
async function runPester(folder, list, output) {
  const lab = join(folder, 'lab');
  await createLab({ folder: lab });
  const serving = await serveLab(lab);
  const root = await makeSystemRoot({ checkout: ROOT, engine, lab, pipe: null, account: 'system' });
  try {
    const counts = join(folder, 'counts.json');
    const args = [
      '-File',
      inRoot('test/powershell/run.ps1'),
      pester,
      list,
      counts,
      pattern,
      ...(isQuick ? ['-Quick'] : []),
      ...(hits === undefined ? [] : ['-Hits', hits]),
    ];
    const { code: status, output: printed } = await run(root.engine, args, root.folder, output);
    const counted = existsSync(counts) ? JSON.parse(readFileSync(counts, 'utf8').replace(/^\uFEFF/, '')) : NOTHING;
    return { status, printed, counts: counted };
  } finally {
    await root.remove();
    await serving.close();
  }
}

function run(engine, args, systemRoot, output) {
  const { PSModulePath: _inherited, ...env } = process.env;
  return runProgram(engine, ['-NoProfile', '-NonInteractive', ...args], {
    cwd: ROOT,
    stdio: ['ignore', output, output],
    env: {
      ...env,
      TERM: 'dumb',
      NO_COLOR: '1',
      POWERSHELL_TELEMETRY_OPTOUT: '1',
      POWERSHELL_UPDATECHECK: 'Off',
      ...shortLife,
      // For the programs that the tests start.
      ...startEnvironment,
      SystemRoot: systemRoot,
    },
  });
}

function writeCounts(counts) {
  if (process.env.CERTREBIND_COUNTS !== undefined) writeFileSync(process.env.CERTREBIND_COUNTS, JSON.stringify(counts));
}
