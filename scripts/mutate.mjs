// mutate.mjs [--sample N [--seed N]] [--workers N] [--force] [parts, files or folders]: changes the code in thousands of small ways and shows the
// changes that no test notices. Without paths everything that is measured (docs/evidence/mutation.md) is; with --sample only N
// mutants of each part, the same ones each time, or with another --seed others. What was found out before about mutants whose code and tests are the same still
// is in .cache and is not tried again; --force tries all.
// mutate.mjs powershell [--sample N [--seed N] | --all] [--minutes N] [--workers N] [--force] [parts, files or folders]: the same for the PowerShell
// of servers (scripts/mutate/powershell.mjs), N of the changes of the adapter and of the module, or all.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Stryker } from '@stryker-mutator/core';
import { inRoot, ROOT } from './lib/paths.mjs';
import { AREAS } from './mutate/areas.mjs';

process.chdir(ROOT);
// Other work on this machine comes first.
setPriority(constants.priority.PRIORITY_LOW);
await import('./dev/register.mjs');
if (process.argv[2] === 'powershell') {
  const { mutatePowerShell } = await import('./mutate/powershell.mjs');
  await mutatePowerShell(process.argv.slice(3));
  process.exit();
}

const { readArguments } = await import('./lib/arguments.ts');
const given = readArguments(
  'mutate [--sample <number> [--seed <number>]] [--workers <number>] [--force] [parts, files or folders]',
);
const sample = given.whole('--sample');
const seed = given.whole('--seed', 1);
const workers = given.whole('--workers', 2);
const paths = given.words.map((path) => path.replace(/^\.\//, ''));
const chosen = AREAS.map((area) => ({
  ...area,
  files: paths.includes(area.name) ? area.code : area.code.filter(isWanted),
}));
const isKnown = (path) => AREAS.some(({ name, code }) => name === path || code.some((file) => isBelow(file, path)));
const unknown = paths.filter((path) => !isKnown(path));
if (unknown.length > 0) {
  console.error(`Not among the files that are measured: ${unknown.join(', ')}`);
  process.exit(2);
}

const COLUMNS = { Killed: 'killed', Timeout: 'ended', Survived: 'survived', NoCoverage: 'not reached' };

mkdirSync(inRoot('.cache/mutation'), { recursive: true });
for (const area of chosen.filter(({ files }) => files.length > 0)) {
  console.log(`\n== ${area.name}: ${area.files.length} files, goal ${area.goal} %`);
  // What is left out of a sample would be kept as if it had been tried.
  const name = [area.name, ...(sample === undefined ? [] : [sample, seed])].join('-');
  const kept = join('.cache', 'mutation', `${name}.json`);
  const results = await mutate(area, {
    incrementalFile: kept,
    incremental: true,
    concurrency: workers,
    force: given.has('--force'),
    mutants: { sample, seed },
  });
  report(area, await withLateOnesAgain(area, results, kept));
}

/** @returns what Stryker says of each mutant */
function mutate({ files, tests: mochaFiles, goal }, options) {
  return new Stryker({
    mutate: files,
    mochaFiles,
    testRunner: 'mocha-in-process',
    plugins: ['mocha-runner', 'chosen-mutants'].map((name) =>
      fileURLToPath(new URL(`./mutate/${name}.mjs`, import.meta.url)),
    ),
    // As .mocharc.json has them: a module that is loaded in two ways would be two modules.
    testRunnerNodeArgs: ['--import=./scripts/dev/register.mjs', '--no-experimental-require-module'],
    coverageAnalysis: 'perTest',
    timeoutMS: 20_000,
    timeoutFactor: 4,
    // What happens only while files are loaded (constant tables) would need a process for each mutant.
    ignoreStatic: true,
    tempDirName: join('.cache', 'mutation', 'sandbox'),
    cleanTempDir: 'always',
    ignorePatterns: ['/.cache', '/dist', '/coverage'],
    reporters: ['clear-text', 'progress-append-only'],
    clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false, skipFull: false },
    allowConsoleColors: false,
    checkers: ['chosen-mutants'],
    thresholds: { high: goal, low: goal, break: null },
    allowEmpty: true,
    ...options,
  }).runMutationTest();
}

/**
 * An endless loop that a mutant is in is counted, and stopped. Whatever else had no end in time may only have met a busy machine,
 * which proves nothing: it is tried once more, alone, with the time that the tests take now.
 */
async function withLateOnesAgain(area, results, kept) {
  const isLate = ({ status, statusReason }) => status === 'Timeout' && statusReason === undefined;
  const late = new Set(results.filter(isLate).map(({ id }) => id));
  if (late.size === 0) return results;
  console.log(`\n${late.size} had no end in time, and are tried again`);
  const again = await mutate(area, { concurrency: 1, timeoutMS: 60_000, mutants: { only: [...late] } });
  // A loop that fills the memory ends its process instead.
  const ended = (result) => (result.status === 'RuntimeError' ? { ...result, status: 'Timeout' } : result);
  const second = new Map(again.filter(({ id }) => late.has(id)).map((result) => [result.id, ended(result)]));
  const told = JSON.parse(readFileSync(kept, 'utf8'));
  for (const [name, { mutants }] of Object.entries(told.files))
    for (const mutant of mutants) {
      const isSame = (result) =>
        relative(ROOT, result.fileName) === name &&
        result.replacement === mutant.replacement &&
        JSON.stringify(result.location) === JSON.stringify(mutant.location);
      const found = [...second.values()].find(isSame);
      if (found !== undefined) Object.assign(mutant, { status: found.status, killedBy: found.killedBy });
    }
  writeFileSync(kept, JSON.stringify(told));
  return results.map((result) => second.get(result.id) ?? result);
}

function report({ name, files }, results) {
  console.log(`\n| file | mutants | ${Object.values(COLUMNS).join(' | ')} | found | of what is reached |`);
  for (const file of [...files, null]) {
    const of = results.filter(({ fileName }) => file === null || relative(ROOT, fileName) === file);
    const counts = Object.keys(COLUMNS).map((status) => of.filter((result) => result.status === status).length);
    const [killed, ended, survived, notReached] = counts;
    const reached = killed + ended + survived;
    const share = (count) => (count === 0 ? '' : `${((100 * (killed + ended)) / count).toFixed(1)} %`);
    if (reached + notReached === 0) continue;
    const row = [
      file ?? `all of ${name}`,
      reached + notReached,
      ...counts,
      share(reached + notReached),
      share(reached),
    ];
    console.log(`| ${row.join(' | ')} |`);
  }
}

function isWanted(file) {
  return paths.length === 0 || paths.some((path) => isBelow(file, path));
}

function isBelow(file, path) {
  return file === path || file.startsWith(`${path.replace(/\/$/, '')}/`);
}
