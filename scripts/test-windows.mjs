// npm run test:windows [-- --suite <name>...] [--lab [--machine <kind>...]] [--out <folder>]: the suites of test/windows/suites on
// this Windows, or with --lab each on a new Windows lab of our own, played as a hosted machine (runner), as one where SYSTEM runs the
// installed program (system), from a prompt that is not elevated (filtered), or as one after the other (all). What they found lies
// in <folder>/<suite>/measured.json, before the first file and after each.
// Where packages or the build are missing each suite has that reason, in words of what failed.
// Elsewhere: one line that says why not, and exit 7; on a Windows each row has that reason.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DIST, inRoot } from './lib/paths.mjs';
import { runOf, suiteNames } from './lib/suites.mjs';

const NOT_HERE = 7;
const built = await makeReady();
if (built.code !== 0) {
  keepUnloaded(built.said);
  process.exit(built.code ?? 1);
}
await import('./dev/register.mjs');
const { readArguments } = await import('./lib/arguments.ts');
const { keepUnasked, runSuite } = await import('../test/windows/suites/run-suite.ts');
const { machineKinds } = await import('../test/windows/suites/programs.ts');
const given = readArguments('test:windows [--suite <name>] [--lab [--machine <kind>]] [--out <folder>]');
const suites = given.among(suiteNames(), given.texts('--suite'));
const onLab = given.has('--lab');
const machines = given.texts('--machine');
const named = given.among(machineKinds, machines.includes('all') ? [] : machines);
const kinds = machines.length === 0 ? ['runner'] : named;
const out = resolve(given.texts('--out').at(-1) ?? join(DIST, 'windows'));
const why = onLab ? null : whyNotHere();
if (why !== null) {
  console.log(`test:windows: not run, ${why}`);
  const folderOf = (suite) => inRoot(`test/windows/suites/${suite}`);
  if (process.platform === 'win32')
    for (const suite of suites)
      await keepUnasked({ folder: folderOf(suite), out: join(out, suite), why: `not run, ${why}` });
  process.exit(NOT_HERE);
}

const { endedAs, whyRed } = await import('../test/windows/suites/ends.ts');
let isRed = false;
for (const kind of onLab ? kinds : ['runner']) {
  const started = Date.now();
  const documents = [];
  for (const suite of suites) {
    console.log(`== ${suite}${onLab ? `, ${kind}` : ''}`);
    documents.push(await (onLab ? onNewLab(suite, kind) : run(suite, null, kind)));
  }
  const results = documents.flatMap((document) => document.results);
  const [asBelieved, otherwise, against, open] = ['as-believed', 'otherwise', 'contradicts', 'not-answered'].map(
    (end) => endedAs(results, end),
  );
  const problems = whyRed(documents, { isLab: onLab });
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(
    `${onLab ? `${kind}: ` : ''}${results.length - open.length} of ${results.length} rows answered: ${asBelieved.length} as believed, ${otherwise.length} otherwise and safe either way, ${against.length} contradict what the product relies on; ${seconds} s`,
  );
  for (const { row, end } of otherwise) console.log(`otherwise: ${row} is ${end.position}; ${end.safe}`);
  for (const { row, end } of open) console.log(`not answered: ${row}, ${end.why.slice(0, 300)}`);
  for (const { file, outcome, why } of documents.flatMap(({ files }) => files))
    if (outcome === 'not-asked') console.log(`not asked: ${file}, ${why}`);
  for (const line of problems) console.log(line);
  isRed ||= problems.length > 0;
}
process.exit(isRed ? 1 : 0);

/** What it says is shown as it comes. */
async function makeReady() {
  const child = spawn(process.execPath, [inRoot('scripts/ensure.mjs')], { stdio: ['inherit', 'inherit', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text;
    process.stderr.write(text);
  });
  const [code] = await once(child, 'close');
  return { code, said };
}

/** The document of each suite, which stands among its own files: without packages nobody can tell its rows. */
function keepUnloaded(said) {
  const args = process.argv.slice(2);
  const named = suiteNames().filter((name) => args.includes(name));
  const folder = args.includes('--out') ? (args[args.indexOf('--out') + 1] ?? '') : join(DIST, 'windows');
  const why = `packages or the build are missing: ${said.trim().replaceAll(/\s+/g, ' ').slice(-350)}`;
  for (const suite of named.length === 0 ? suiteNames() : named) {
    const document = {
      schema: 'certrebind/measured/1',
      ...runOf(suite),
      results: [],
      files: [{ file: suite, outcome: 'failed', why, leftovers: [], ms: 0 }],
    };
    mkdirSync(join(folder, suite), { recursive: true });
    writeFileSync(join(folder, suite, 'measured.json'), `${JSON.stringify(document, null, 1)}\n`);
  }
}

function run(suite, lab, kind) {
  const say = (line) => console.log(line);
  const of = onLab && kinds.length > 1 ? join(kind, suite) : suite;
  return runSuite({ folder: inRoot(`test/windows/suites/${suite}`), lab, kind, out: join(out, of), say });
}

async function onNewLab(suite, kind) {
  const { withLab } = await import('../test/windows/suites/with-lab.ts');
  const folder = mkdtempSync(join(tmpdir(), 'certrebind-suite-'));
  try {
    return await withLab(join(folder, 'lab'), (lab) => run(suite, lab, kind));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Asked in the order in which a person would put it right. */
function whyNotHere() {
  if (process.platform !== 'win32') return `since it needs a Windows with IIS and this is ${process.platform}.`;
  const system32 = join(process.env.SystemRoot ?? 'C:\\Windows', 'System32');
  if (!existsSync(join(system32, 'inetsrv', 'appcmd.exe'))) return 'since IIS is not installed here.';
  const powershell = join(system32, 'WindowsPowerShell', 'v1.0', 'powershell.exe');
  const isAdministrator =
    '([Security.Principal.WindowsPrincipal][Security.Principal.WindowsIdentity]::GetCurrent()).IsInRole(544)';
  const said = spawnSync(powershell, ['-NoProfile', '-Command', isAdministrator], { encoding: 'utf8' });
  if (said.stdout?.trim() !== 'True') return 'since this prompt is not elevated.';
  return null;
}
