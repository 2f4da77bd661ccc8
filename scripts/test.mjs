// test.mjs [--all | --rest] [mocha arguments | --near paths]: prepares, then runs the stages of `npm test`, row by row; with --all
// those of the slow tier as well, with --rest those alone (lib/tiers.mjs). The last line on stdout is always `N passed, N failed`.
// With arguments only the stages that understand them run: `npm test -- --grep ledger`. With --near only the tests near files or
// folders of the project (lib/near.ts).

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './lib/paths.mjs';
import { assertNow } from './lib/program.mjs';
import { nearRows, rowsOf } from './lib/tiers.mjs';

const words = process.argv.slice(2);
const args = words.filter((word) => word !== '--all' && word !== '--rest');
const tiers = words.includes('--rest') ? 'rest' : words.includes('--all') ? 'all' : 'fast';
if (args.includes('--help')) {
  console.log(`npm test                          the checks and the fast tests; npm run test:all: the slow ones too
npm test -- --near <path...>      the fast tests near files or folders, and which slow ones are; test:all runs these too
npm test -- <arguments of mocha>  the tests that they choose: --grep ledger, test/engine/plan/plan-undo.test.ts`);
  process.exit(0);
}
const rows = args.includes('--near')
  ? await rowsNear(args.filter((word) => word !== '--near'))
  : rowsOf(tiers, args, process.env.CI !== undefined);

const NOTHING = { passed: 0, failed: 0, skipped: 0, failures: [] };
const totals = { passed: 0, failed: 0 };
const failedStages = [];
const failedTests = [];
const folder = mkdtempSync(join(isInMemory('/dev/shm') ? '/dev/shm' : tmpdir(), 'certrebind-test-'));
// Some tests run programs as another user.
chmodSync(folder, 0o1777);
process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
for (const row of rows) {
  await runRow(row);
  if (row.some(({ name, essential }) => essential && failedStages.includes(name))) break;
}
process.exitCode = totals.failed === 0 ? 0 : 1;
if (failedStages.length > 0) console.log(`\nFAILED: ${failedStages.join(', ')}`);
for (const name of failedTests) console.log(`failed: ${name}`);
console.log(`${totals.passed} passed, ${totals.failed} failed`);

/** The tests near paths, after a line for each; what is no path of the project ends this with one line. */
async function rowsNear(paths) {
  assertNow(process.execPath, ['scripts/ensure.mjs', '--packages-only'], { cwd: ROOT });
  await import('./dev/register.mjs');
  const { NoSuchPath, testsNear } = await import('./lib/near.ts');
  try {
    if (paths.length === 0) throw new NoSuchPath('--near takes files or folders of the project');
    const { fast, slow } = testsNear(paths);
    const isRunning = { fast: tiers !== 'rest', slow: tiers !== 'fast' };
    for (const file of fast) console.log(isRunning.fast ? file : `${file} (not run: fast)`);
    for (const file of slow) console.log(isRunning.slow ? file : `${file} (not run: slow, see npm run test:all)`);
    return nearRows({ fast: isRunning.fast ? fast : [], slow: isRunning.slow ? slow : [] });
  } catch (error) {
    if (!(error instanceof NoSuchPath)) throw error;
    console.error(`npm test: ${error.message}`);
    process.exit(2);
  }
}

/** The first of a row is seen live; what the others print is kept until it is their turn. */
async function runRow(row) {
  const running = row.map((stage, at) => start(stage, at === 0));
  for (const { stage, ended, kept } of running) {
    console.log(`\n== ${stage.name}`);
    const { status, seconds } = await ended;
    process.stdout.write(Buffer.concat(kept));
    conclude(stage, status, seconds);
  }
}

function start(stage, isLive) {
  const began = Date.now();
  const output = isLive ? 'inherit' : 'pipe';
  const child = spawn(process.execPath, stage.command, {
    cwd: ROOT,
    stdio: ['ignore', output, output],
    env: { ...process.env, TMPDIR: folder, CERTREBIND_COUNTS: countsFile(stage), ...stage.env },
  });
  const kept = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => kept.push(chunk));
  const ended = once(child, 'close').then(([status]) => ({ status, seconds: (Date.now() - began) / 1000 }));
  return { stage, ended, kept };
}

function conclude(stage, status, seconds) {
  const { passed, failed, skipped, failures } = stage.counts ? readCounts(countsFile(stage)) : NOTHING;
  totals.passed += passed;
  failedTests.push(...failures);
  // A stage that failed without a failed test (it crashed, found no tests, is not a test) counts as one, so that the
  // last line never contradicts the exit code.
  totals.failed += status === 0 ? failed : Math.max(failed, 1);
  if (status !== 0 || failed > 0) failedStages.push(stage.name);
  const detail = stage.counts ? `: ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}` : '';
  console.log(`== ${stage.name} ${status === 0 ? 'done' : 'FAILED'} in ${seconds.toFixed(1)} s${detail}`);
}

function countsFile({ name }) {
  return join(folder, `${name}.json`);
}

function readCounts(file) {
  try {
    return { ...NOTHING, ...JSON.parse(readFileSync(file, 'utf8')) };
  } catch {
    return NOTHING;
  }
}

/** Whether there is room in memory for files, also for programs: on a disk, a tenth of what the tests take is files. */
function isInMemory(path) {
  try {
    const { bavail, bsize } = statfsSync(path);
    const forPrograms = new RegExp(`^\\S+ ${path} tmpfs rw,(?!.*\\bnoexec\\b)`, 'm');
    return forPrograms.test(readFileSync('/proc/mounts', 'utf8')) && Math.min(bavail * bsize, freemem()) > 4e9;
  } catch {
    return false;
  }
}
