// mutate.mjs [--force] [files or folders]: changes the code in thousands of small ways and shows the changes that no test
// notices. Without paths everything that is measured (docs/evidence/mutation.md) is. What was found out before about mutants whose
// code and tests are the same still is in .cache and is not tried again; --force tries all.
// mutate.mjs powershell [--sample N | --all] [--minutes N] [--force] [files or folders]: the same for the PowerShell of servers
// (scripts/mutate/powershell.mjs), N of the changes of the adapter and of the module, or all.

import { existsSync, mkdirSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Stryker } from '@stryker-mutator/core';
import { filesBelow, inRoot, ROOT } from './lib/paths.mjs';

/** Judgements that lie beside the command that shows them. */
const JUDGEMENTS = [
  'dsc/dsc-server',
  'inspect/dismiss/dismissals',
  'inspect/status/expiring',
  'inspect/status/in-use',
  'inspect/status/server-status',
  'inspect/usage/usage',
  'inspect/verify/served',
  'inspect/verify/server-verify',
  'installation/facts',
  'installation/proof',
  'rebind/window-task',
  'session/demand-safe',
  'tell/match-trigger',
  'tell/messages',
];

const REHEARSAL = ['bench', 'event', 'leftovers', 'limits', 'records', 'rehearse', 'texts'];

const PARSERS = [
  'certificates/certificate',
  'certificates/host-name',
  'certificates/thumbprint',
  'documents/configuration',
  'documents/runs/ledger',
  'holders/iis/application-host',
  'holders/iis/binding',
  'holders/record-key',
  'holders/tls/http-sys-tables',
  'holders/tls/netsh-options',
  'holders/tls/netsh-text',
  'holders/tls/tls-record',
  'text/document',
  'text/text-encoding',
  'text/xml',
  'text/xml-text',
  'windows/lifecycle-event',
  'windows/raw-value',
  'windows/registry-export',
  'windows/task',
];

/**
 * What is measured together: code, the quick tests that are to notice every change of it, and the goal in per cent.
 * Tests of commands and of whole programs would notice some more, thousands of times slower.
 */
const AREAS = [
  { name: 'plan', code: sources('src/plan'), tests: tests('test/plan'), goal: 90 },
  {
    name: 'findings',
    code: [...sources('src/inspect/findings'), ...JUDGEMENTS.map((name) => `src/${name}.ts`)],
    tests: [...tests('test/inspect/findings'), ...JUDGEMENTS.map((name) => `test/${name}.test.ts`).filter(isThere)],
    goal: 90,
  },
  {
    name: 'run',
    code: sources('src/run'),
    // A kill at every single step and a full disk take most of the seconds of this folder.
    tests: tests('test/run').filter((file) => !/crash-explorer|full-disk/.test(file)),
    goal: 90,
  },
  {
    name: 'rehearse',
    code: REHEARSAL.map((name) => `src/rehearse/${name}.ts`),
    tests: ['leftovers', 'limits', 'rehearse'].map((name) => `test/rehearse/${name}.test.ts`),
    goal: 90,
  },
  {
    name: 'notify',
    code: sources('src/tell/send'),
    tests: [...tests('test/tell/send'), 'test/security/hostile-peers.test.ts'],
    goal: 90,
  },
  {
    name: 'setup',
    code: [...sources('src/setup'), ...sources('src/installation')],
    // Kills at every effect, and whole programs, take minutes.
    tests: ['setup/set-up', 'installation/module-places', 'setup/uninstall'].map((name) => `test/${name}.test.ts`),
    goal: 90,
  },
  {
    name: 'state',
    code: sources('src/state'),
    // Whole programs, and long histories, take a minute.
    tests: tests('test/state').filter((file) => !/odd-files|many-runs/.test(file)),
    goal: 90,
  },
  {
    name: 'windows',
    // What starts or speaks to an engine is reached by tests that start one, a second for each mutant.
    code: sources('src/server/windows').filter(
      (file) => !/\/(?:session|engine-shell|start-[a-z]+|process-tree|this-server|windows-server)\.ts$/.test(file),
    ),
    tests: [
      'adapter-script',
      'change-rows',
      'engine',
      'kinds',
      'path-rights',
      'put-back-lost',
      'read-snapshot',
      'rehearsal-rows',
      'rows',
      'session-errors',
    ].map((name) => `test/server/windows/${name}.test.ts`),
    goal: 80,
  },
  {
    name: 'packaging',
    // What only a whole build reaches is counted too, as not reached.
    code: sources('scripts/package'),
    // The others start the built program, which is not where the changed code is, or load the tools of tests a second time.
    tests: ['sign', 'bases', 'third-parties', 'zip'].map((name) => `test/packaging/${name}.test.ts`),
    goal: 75,
  },
  {
    name: 'parsers',
    code: PARSERS.map((name) => `src/${name}.ts`),
    tests: ['certificates', 'documents', 'holders', 'text', 'windows'].flatMap((room) => tests(`test/${room}`)),
    goal: 80,
  },
];

const args = process.argv.slice(2);
const force = args.includes('--force');
const paths = args.filter((arg) => arg !== '--force').map((path) => path.replace(/^\.\//, ''));

process.chdir(ROOT);
// Other work on this machine comes first.
setPriority(constants.priority.PRIORITY_LOW);
if (args[0] === 'powershell') {
  await import('./dev/register.mjs');
  const { mutatePowerShell } = await import('./mutate/powershell.mjs');
  await mutatePowerShell(args.slice(1));
  process.exit();
}

const chosen = AREAS.map((area) => ({ ...area, files: area.code.filter(isWanted) }));
const unknown = paths.filter((path) => !AREAS.some(({ code }) => code.some((file) => isBelow(file, path))));
if (unknown.length > 0) {
  console.error(`Not among the files that are measured: ${unknown.join(', ')}`);
  process.exit(2);
}

for (const { name, files, tests: mochaFiles, goal } of chosen.filter(({ files }) => files.length > 0)) {
  const folder = inRoot('.cache/mutation');
  mkdirSync(folder, { recursive: true });
  console.log(`\n== ${name}: ${files.length} files, goal ${goal} %`);
  await new Stryker({
    mutate: files,
    mochaFiles,
    testRunner: 'mocha-in-process',
    plugins: [fileURLToPath(new URL('./mutate/mocha-runner.mjs', import.meta.url))],
    // As .mocharc.json has them: a module that is loaded in two ways would be two modules.
    testRunnerNodeArgs: ['--import=./scripts/dev/register.mjs', '--no-experimental-require-module'],
    coverageAnalysis: 'perTest',
    // Endless loops are counted and stopped; a timeout on a slow machine is no proof that the mutant was found.
    timeoutMS: 20_000,
    timeoutFactor: 4,
    concurrency: 2,
    incremental: true,
    incrementalFile: join('.cache', 'mutation', `${name}.json`),
    force,
    // What happens only while files are loaded (constant tables) would need a process for each mutant.
    ignoreStatic: true,
    tempDirName: join('.cache', 'mutation', 'sandbox'),
    cleanTempDir: 'always',
    ignorePatterns: ['/.cache', '/dist', '/coverage'],
    reporters: ['clear-text', 'progress-append-only'],
    clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false, skipFull: false },
    allowConsoleColors: false,
    checkers: [],
    thresholds: { high: goal, low: goal, break: null },
    allowEmpty: true,
  }).runMutationTest();
}

function isThere(file) {
  return existsSync(inRoot(file));
}

function isWanted(file) {
  return paths.length === 0 || paths.some((path) => isBelow(file, path));
}

function isBelow(file, path) {
  return file === path || file.startsWith(`${path.replace(/\/$/, '')}/`);
}

function sources(folder) {
  return filesBelow(folder).filter((file) => /\.(?:ts|mjs)$/.test(file));
}

function tests(folder) {
  return filesBelow(folder).filter((file) => file.endsWith('.test.ts'));
}
