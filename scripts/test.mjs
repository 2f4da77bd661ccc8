// test.mjs [mocha arguments]: prepares, then runs every stage one after another. The last line on stdout is always
// `N passed, N failed`. With arguments only the stages that understand them run: `npm test -- --grep ledger`.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './lib/paths.mjs';

const args = process.argv.slice(2);
const inCi = process.env.CI !== undefined;

/**
 * A stage is a Node script with arguments.
 * `counts`: it writes `{ "passed": n, "failed": n, "skipped": n }` to the file named by CERTREBIND_COUNTS.
 * `takesArguments`: it runs also when the person asked for particular tests.
 * `essential`: without it nothing that follows makes sense.
 */
const STAGES = [
  { name: 'prepare', command: ['scripts/ensure.mjs'], essential: true, takesArguments: true },
  { name: 'engine', command: ['--import', './scripts/dev/register.mjs', 'scripts/engine.mjs'], takesArguments: true },
  { name: 'check', command: ['scripts/check.mjs'] },
  { name: 'tests', command: mochaCommand(testFiles('.test.ts')), counts: true, takesArguments: true },
  { name: 'pester', command: ['--import', './scripts/dev/register.mjs', 'scripts/pester.mjs'], counts: true },
  { name: 'package', command: ['scripts/package.mjs'] },
  { name: 'packaged', command: mochaCommand(testFiles('.packaged.ts')), counts: true },
];

const NOTHING = { passed: 0, failed: 0, skipped: 0 };
const totals = { passed: 0, failed: 0 };
const folder = mkdtempSync(join(tmpdir(), 'certrebind-test-'));
try {
  for (const stage of STAGES) {
    if (args.length > 0 && !stage.takesArguments) continue;
    const ok = runStage(stage);
    if (!ok && stage.essential) break;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = totals.failed === 0 ? 0 : 1;
console.log(`${totals.passed} passed, ${totals.failed} failed`);

function runStage({ name, command, counts }) {
  console.log(`\n== ${name}`);
  const countsFile = join(folder, `${name}.json`);
  const started = Date.now();
  const { status } = spawnSync(process.execPath, command, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, CERTREBIND_COUNTS: countsFile },
  });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const { passed, failed, skipped } = counts ? readCounts(countsFile) : NOTHING;
  totals.passed += passed;
  // A stage that failed without a failed test (it crashed, found no tests, is no test) counts as one, so that the last
  // line never contradicts the exit code.
  totals.failed += status === 0 ? failed : Math.max(failed, 1);
  const detail = counts ? `: ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}` : '';
  console.log(`== ${name} ${status === 0 ? 'done' : 'FAILED'} in ${seconds} s${detail}`);
  return status === 0;
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
  return readdirSync(join(ROOT, 'test'), { recursive: true })
    .filter((file) => file.endsWith(ending))
    .map((file) => `test/${file.replaceAll('\\', '/')}`)
    .sort((a, b) => longFirst(a) - longFirst(b) || (a < b ? -1 : 1));
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
