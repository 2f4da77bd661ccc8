// What `npm test` runs, and what `npm run test:all` runs besides. A name tells where a file belongs:
//   x.test.ts, X.Tests.ps1            npm test: fast
//   x.packaged.ts                     npm test, once the executable for Linux is made
//   x.slow.ts, X.Slow.Tests.ps1       test:all, once everything that is handed out is made
// A file that asks test/support/slow.ts whether it may take its time runs in both tiers.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesBelow, inRoot } from './paths.mjs';

/**
 * A stage is a Node script with arguments. Those of one row run side by side, where none of them keeps both cores busy.
 * `counts`: it writes `{ "passed": n, "failed": n, "skipped": n, "failures": [names] }` to the file named by CERTREBIND_COUNTS.
 * `env`: variables for it.
 * `takesArguments`: it runs also when the person asked for particular tests.
 * `essential`: without it nothing that follows makes sense.
 */
const PREPARE = { name: 'prepare', command: ['scripts/ensure.mjs'], essential: true, takesArguments: true };
const ENGINE = {
  name: 'engine',
  command: ['--import', './scripts/dev/register.mjs', 'scripts/engine.mjs'],
  takesArguments: true,
};
/** What V8 makes of the program for a story through all of it is kept for each start of a test. */
const WARM_UP = {
  name: 'warm up',
  command: ['--require', './test/support/code-cache.cjs', 'dist/certrebind-lab.cjs', 'lab', 'demo'],
};
const PESTER = ['--import', './scripts/dev/register.mjs', 'scripts/pester.mjs'];

/**
 * @param tiers 'fast', 'rest' or 'all'
 * @param args for mocha: where there are any, only the stages that understand them
 * @returns rows of stages, in the order in which they run
 */
export function rowsOf(tiers, args = [], inCi = false) {
  const mocha = (name, isChosen, env = {}) => ({
    ...{ name, env, counts: true, takesArguments: true },
    command: mochaCommand(isChosen, args, inCi),
  });
  const fast = [
    [
      { name: 'check', command: ['scripts/check.mjs'] },
      ENGINE,
      { name: 'package', command: ['scripts/package.mjs', '--linux-only'] },
      WARM_UP,
    ],
    // Where a person chooses tests, nothing is packaged.
    [mocha('tests', args.length === 0 ? isFast : isTest)],
    [{ name: 'pester', command: PESTER, counts: true }],
  ];
  const rest = [
    [ENGINE],
    // Its servers are waited for: the packages, which keep one core busy, are made meanwhile; but for the executable for
    // Linux where `npm test` has just made it.
    [
      { name: 'slow pester', command: [...PESTER, '--slow'], counts: true },
      { name: 'packages', command: ['scripts/package.mjs', '--if-stale'] },
    ],
    // Named files have run among the fast ones, whatever they are called.
    ...(namesFiles(args) && tiers === 'all' ? [] : [[mocha('slow tests', isSlow, { CERTREBIND_SLOW: '1' })]]),
  ];
  const rows = [[PREPARE], ...(tiers === 'rest' ? [] : fast), ...(tiers === 'fast' ? [] : rest)];
  const isWanted = ({ takesArguments }) => args.length === 0 || takesArguments === true;
  return rows.map((row) => row.filter(isWanted)).filter((row) => row.length > 0);
}

/** The rows for chosen test files, `fast` and `slow` ones, of mocha and of Pester. */
export function nearRows({ fast, slow }) {
  const isPester = (file) => file.endsWith('.ps1');
  const isMocha = (file) => isTest(file) || file.endsWith('.slow.ts');
  const stages = [
    { name: 'tests', files: fast.filter(isMocha) },
    { name: 'slow tests', files: slow.filter(isMocha), env: { CERTREBIND_SLOW: '1' } },
    { name: 'pester', files: fast.filter(isPester) },
    { name: 'slow pester', files: slow.filter(isPester) },
  ];
  const commandOf = ({ files }) => (files.some(isPester) ? [...PESTER, ...files] : mochaCommand(null, files, false));
  const withFiles = stages.filter(({ files }) => files.length > 0);
  return [[PREPARE], [ENGINE], ...withFiles.map((stage) => [{ ...stage, counts: true, command: commandOf(stage) }])];
}

/** The Pester files of a tier, the largest first: begun last, one of them would keep a single core busy at the end. */
export function pesterFiles(isSlow) {
  return filesBelow('test')
    .filter((file) => file.endsWith('.Tests.ps1') && file.endsWith('.Slow.Tests.ps1') === isSlow)
    .sort((a, b) => pesterSize(b) - pesterSize(a));
}

/** With that of the fast file that a slow one goes through again. One that serves a lab starts programs, and takes longer. */
function pesterSize(file) {
  const text = readFileSync(inRoot(file), 'utf8');
  const [, again] = /^\. "\$PSScriptRoot\/(.*\.Tests\.ps1)"$/m.exec(text) ?? [];
  if (again !== undefined) return text.length + pesterSize(join(dirname(file), again));
  return text.length + (text.includes('Start-Lab') ? 30_000 : 0);
}

const isTest = (file) => file.endsWith('.test.ts');
const isFast = (file) => isTest(file) || file.endsWith('.packaged.ts');
const isSlow = (file) => file.endsWith('.slow.ts') || (isTest(file) && asksForTime(file));

function asksForTime(file) {
  return /^import \{.*\} from '.*\/support\/slow\.ts';$|^import \{.*\bservers\b.*\} from '.*\/lab-world\.ts';$/m.test(
    readFileSync(inRoot(file), 'utf8'),
  );
}

function namesFiles(args) {
  return args.some((arg) => arg.endsWith('.ts'));
}

// Four files at a time on the two cores of a CI machine: most tests wait for processes that they started.
function mochaCommand(isChosen, args, inCi) {
  return [
    'node_modules/mocha/bin/mocha.js',
    '--reporter=./scripts/lib/counting-reporter.cjs',
    '--parallel',
    '--jobs=4',
    ...(inCi ? ['--forbid-only'] : []),
    ...args,
    ...(namesFiles(args) ? [] : testFiles(isChosen)),
  ];
}

function testFiles(isChosen) {
  return filesBelow('test')
    .filter(isChosen)
    .sort((a, b) => longFirst(a) - longFirst(b));
}

/** What takes longest, by the beginning of its path: begun last, it would keep a single core busy at the end. */
const longest = [
  'test/packaged/ways',
  'test/crash/real-',
  'test/windows/',
  'test/engine/run/crash-',
  'test/packaged/signing',
  'test/session/run/',
  'test/server/windows/windows-server',
  'test/crash/',
  'test/stories/',
  'test/security/',
  'test/',
];

function longFirst(file) {
  return longest.findIndex((beginning) => file.startsWith(beginning));
}
