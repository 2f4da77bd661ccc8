// test.mjs [mocha arguments]: prepares, then runs every stage, row by row. The last line on stdout is always
// `N passed, N failed`. With arguments only the stages that understand them run: `npm test -- --grep ledger`.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filesBelow, ROOT } from './lib/paths.mjs';

const args = process.argv.slice(2);
const inCi = process.env.CI !== undefined;

/**
 * A stage is a Node script with arguments. Those of one row run side by side, where none of them keeps both cores busy.
 * `counts`: it writes `{ "passed": n, "failed": n, "skipped": n }` to the file named by CERTREBIND_COUNTS.
 * `takesArguments`: it runs also when the person asked for particular tests.
 * `essential`: without it nothing that follows makes sense.
 */
const ROWS = [
  [{ name: 'prepare', command: ['scripts/ensure.mjs'], essential: true, takesArguments: true }],
  [
    { name: 'check', command: ['scripts/check.mjs'] },
    { name: 'engine', command: ['--import', './scripts/dev/register.mjs', 'scripts/engine.mjs'], takesArguments: true },
    { name: 'package', command: ['scripts/package.mjs'] },
  ],
  [{ name: 'tests', command: mochaCommand(testFiles('.test.ts')), counts: true, takesArguments: true }],
  [{ name: 'pester', command: ['--import', './scripts/dev/register.mjs', 'scripts/pester.mjs'], counts: true }],
  [{ name: 'packaged', command: mochaCommand(testFiles('.packaged.ts')), counts: true }],
];

const NOTHING = { passed: 0, failed: 0, skipped: 0 };
const totals = { passed: 0, failed: 0 };
const failedStages = [];
const folder = mkdtempSync(join(tmpdir(), 'certrebind-test-'));
try {
  for (const row of ROWS) {
    await runRow(row.filter(({ takesArguments }) => args.length === 0 || takesArguments === true));
    if (row.some(({ name, essential }) => essential && failedStages.includes(name))) break;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = totals.failed === 0 ? 0 : 1;
if (failedStages.length > 0) console.log(`\nFAILED: ${failedStages.join(', ')}`);
console.log(`${totals.passed} passed, ${totals.failed} failed`);

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
    env: { ...process.env, CERTREBIND_COUNTS: countsFile(stage) },
  });
  const kept = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => kept.push(chunk));
  const ended = once(child, 'close').then(([status]) => ({ status, seconds: (Date.now() - began) / 1000 }));
  return { stage, ended, kept };
}

function conclude(stage, status, seconds) {
  const { passed, failed, skipped } = stage.counts ? readCounts(countsFile(stage)) : NOTHING;
  totals.passed += passed;
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

/** Folders whose files take longest: begun last, one of them would keep a single core busy at the end. */
function longFirst(file) {
  return ['test/stories/', 'test/crash/', 'test/security/', 'test/'].findIndex((folder) => file.startsWith(folder));
}

function testFiles(ending) {
  return filesBelow('test')
    .filter((file) => file.endsWith(ending))
    .sort((a, b) => longFirst(a) - longFirst(b));
}

// Four files at a time on the two cores of a CI machine: most tests wait for processes that they started.
function mochaCommand(files) {
  const namesFiles = args.some((arg) => arg.endsWith('.ts'));
  return [
    'node_modules/mocha/bin/mocha.js',
    '--reporter=./scripts/lib/counting-reporter.cjs',
    '--parallel',
    '--jobs=4',
    ...(inCi ? ['--forbid-only'] : []),
    ...args,
    ...(namesFiles ? [] : files),
  ];
}
