// `npm run mutate -- powershell`: changes the PowerShell that runs on servers in small ways, one at a time, and shows the changes
// that no test notices. Every change is made in a copy of the tree, with engines of its own, and ended by the first failure. Before
// that each block of Pester and each file of mocha runs alone on scripts that tell which of their blocks are reached, so that a
// change meets only the tests that can notice it.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { findLabEngine } from '../../src/lab/windows/engine.ts';
import { readArguments } from '../lib/arguments.ts';
import { filesBelow, inRoot, ROOT } from '../lib/paths.mjs';
import { demand } from '../lib/program.mjs';
import { stateOf } from './loaded.ts';
import { rowOf } from './powershell-tests.ts';

const AREAS = [
  { name: 'adapter', folder: 'src/server/windows/adapter', goal: 85 },
  { name: 'holders', folder: 'src/kinds', goal: 85 },
  { name: 'module', folder: 'module', goal: 80 },
];
const KEPT = inRoot('.cache/mutation/powershell.json');
const REACH = inRoot('.cache/mutation/powershell-reach.json');
/** A change may make work longer. */
const PATIENCE = { factor: 5, seconds: 120 };
const NODE = ['--import=./scripts/dev/register.mjs', '--no-experimental-require-module'];

export async function mutatePowerShell(args) {
  const given = readArguments(
    'mutate powershell [--sample <number> [--seed <number>] | --all] [--minutes <number>] [--workers <number>] [--pester] [--force] [scripts or folders]',
    args,
  );
  const sample = given.whole('--sample', 300);
  const limit = given.has('--all') ? Number.POSITIVE_INFINITY : sample;
  const seed = given.whole('--seed', 1);
  const minutes = given.number('--minutes', 90);
  const workers = given.whole('--workers', 2);
  const scripts = scriptsIn(given);
  await demand(process.execPath, ['--import', './scripts/dev/register.mjs', 'scripts/engine.mjs'], { cwd: ROOT });
  const engine = findLabEngine(ROOT, process.env);
  const read = await readScripts(engine, scripts);
  const chosen = AREAS.map((area) => ({
    ...area,
    // By their ranks, which no other change moves: a sample of tomorrow has the same changes where the code is the same.
    mutants: mutantsOf(read, area.folder, seed)
      .sort((a, b) => (a.rank < b.rank ? -1 : 1))
      .slice(0, limit),
  })).filter(({ mutants }) => mutants.length > 0);
  const kept = given.has('--force') ? {} : (readJson(KEPT) ?? {});
  const resultOf = (mutant) => keptFor(kept, mutant.script)[mutant.id] ?? UNTRIED;
  const mutants = chosen.flatMap((area) => area.mutants);
  console.log(chosen.map((area) => `${area.name}: ${area.mutants.length} mutants`).join(', '));
  const until = Date.now() + minutes * 60_000;
  // Most are noticed by Pester, in one process; what takes a process for each file then meets the others only.
  for (const [rounds, takes] of [isPester, isMocha].slice(0, given.has('--pester') ? 1 : 2).entries()) {
    const left = mutants.filter((mutant) => !isNoticed(resultOf(mutant)) && resultOf(mutant).rounds <= rounds);
    if (left.length > 0) await tryAll(left, { takes, read, kept, until, workers });
  }
  for (const area of chosen) report(area, resultOf);
}

const UNTRIED = { status: 'not reached', rounds: 0, seconds: 0 };
const isMocha = (file) => file.endsWith('.ts');
const isPester = (file) => !isMocha(file);
const isNoticed = ({ status }) => status === 'killed' || status === 'ended';

/** All but the slow ones that are not named themselves. */
function scriptsIn({ words, among }) {
  const scripts = AREAS.flatMap(({ folder }) => filesBelow(folder)).filter((file) => /\.psm?1$/.test(file));
  if (words.length === 0) return scripts.filter((file) => !rowOf(file).slow);
  const paths = words.map((word) => word.replace(/^\.\//, '').replace(/\/$/, ''));
  const unknown = paths.find((path) => !scripts.some((file) => isBelow(file, path)));
  if (unknown !== undefined) among([...AREAS.map(({ folder }) => folder), 'their scripts'], [unknown]);
  return scripts.filter((file) => paths.some((path) => file === path || (!rowOf(file).slow && isBelow(file, path))));
}

function isBelow(file, path) {
  return file === path || file.startsWith(`${path}/`);
}

/** Changes and blocks of each script, by its path. */
async function readScripts(engine, scripts) {
  const folder = mkdtempSync(join(tmpdir(), 'certrebind-mutants-'));
  try {
    const list = join(folder, 'scripts.txt');
    writeFileSync(list, scripts.join('\n'));
    const args = ['-NoProfile', '-NonInteractive', '-File', inRoot('scripts/mutate/mutants.ps1'), ROOT, list];
    const read = JSON.parse(await demand(engine, args));
    for (const script of scripts) read[script].text = readFileSync(inRoot(script), 'utf8');
    return read;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function mutantsOf(read, folder, seed) {
  return Object.entries(read)
    .filter(([script]) => script.startsWith(`${folder}/`))
    .flatMap(([script, { mutants }]) => {
      const seen = new Map();
      return mutants.map((mutant) => {
        const what = JSON.stringify([script, mutant.kind, mutant.old, mutant.new]);
        const times = seen.get(what) ?? 0;
        seen.set(what, times + 1);
        return {
          ...mutant,
          script,
          id: `${mutant.start} ${mutant.end} ${mutant.new}`,
          rank: createHash('sha256').update(`${seed} ${what} ${times}`).digest('hex'),
        };
      });
    });
}

async function tryAll(mutants, { takes, read, kept, until, workers }) {
  const files = [...new Set(mutants.flatMap(({ script }) => testsOf(rowOf(script))))].filter(takes);
  const copies = Array.from({ length: workers }, makeCopy);
  const removeAll = () => copies.forEach(removeCopy);
  process.once('exit', removeAll);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
  try {
    const units = await measure(copies, files, read);
    let done = 0;
    await share(copies, mutants, async (copy, mutant) => {
      if (Date.now() > until) return;
      const before = keptFor(kept, mutant.script)[mutant.id] ?? UNTRIED;
      const found = await tryMutant(copy, mutant, units, read[mutant.script]);
      const status = found.status === 'not reached' ? before.status : found.status;
      const result = { ...found, status, rounds: before.rounds + 1 };
      keptFor(kept, mutant.script)[mutant.id] = result;
      writeKept(KEPT, kept);
      const line = `${++done}/${mutants.length} ${result.status} (${result.seconds.toFixed(0)} s) ${placeOf(mutant)}`;
      console.log(result.by === undefined ? line : `${line} by: ${result.by}`);
    });
    if (done < mutants.length) console.log(`*** out of time: ${mutants.length - done} were not tried ***`);
  } finally {
    process.off('exit', removeAll);
    removeAll();
  }
}

function testsOf({ tests, built, texts }) {
  return [...tests, ...built, ...texts];
}

/**
 * Runs every block of Pester and file of mocha alone, on scripts that tell which of their blocks are reached. What an earlier measurement told is
 * taken while the tests, what they load, and the scripts that they reach are the same.
 * @returns { file, name, seconds, hits } of each: hits as `script:number`, null when they cannot be told
 */
async function measure(copies, files, read) {
  const scripts = Object.keys(read);
  const reach = readJson(REACH) ?? {};
  const measured = [];
  const unknown = [];
  for (const file of files) {
    reach[file] ??= {};
    for (const name of namesIn(copies[0], file)) {
      const known = reach[file][name];
      if (known !== undefined && isAsMeasured(known, file, scripts)) measured.push({ file, name, ...fromKept(known) });
      else unknown.push({ file, name });
    }
  }
  if (unknown.length > 0) await measureUnknown();
  const seconds = measured.reduce((sum, unit) => sum + unit.seconds, 0);
  console.log(`${measured.length} blocks of tests in ${seconds.toFixed(0)} s, ${unknown.length} of them measured now`);
  return measured;

  async function measureUnknown() {
    const hitsOf = (copy) => join(copy.folder, 'hits');
    const built = new Set(scripts.flatMap((script) => rowOf(script).built));
    const isBuilt = unknown.some(({ file }) => built.has(file));
    const write = async (copy, textOf) => {
      for (const script of scripts) copy.write(script, textOf(script));
      if (isBuilt) await build(copy);
    };
    const marked = (copy) => write(copy, (script) => withMarks(script, read[script], hitsOf(copy)));
    const plain = (copy) => write(copy, (script) => read[script].text);
    for (const copy of copies) await marked(copy);
    await share(copies, batchesOf(unknown, copies.length), async (copy, units) => {
      rmSync(hitsOf(copy), { recursive: true, force: true });
      mkdirSync(hitsOf(copy));
      // Some tests become another user.
      chmodSync(hitsOf(copy), 0o777);
      const told = await runMarked(copy, units, hitsOf(copy));
      for (const unit of units) await keep(copy, unit, told.get(unit) ?? { failed: 'not told' });
    });
    for (const copy of copies) await plain(copy);

    async function keep(copy, unit, { failed, seconds, names }) {
      let found = { failed, seconds, hits: names?.map((name) => name.replaceAll('+', '/')) };
      if (failed !== null) {
        // Marks are in the way of some, and others cannot be without what stands before them.
        await plain(copy);
        found = { ...(await runGroup(copy, [unit], 600)), hits: null };
        await marked(copy);
      }
      if (found.failed !== null) {
        console.log(`*** left out, since it fails alone: ${unit.file} "${unit.name}": ${found.failed} ***`);
        return;
      }
      const { hits } = found;
      measured.push({ ...unit, ...fromKept(found) });
      const reached = hits === null ? scripts : [...new Set(hits.map((hit) => hit.replace(/:\d+$/, '')))];
      const state = stateOf([unit.file, ...reached]);
      reach[unit.file][unit.name] = { state, marked: scripts, reached, hits, seconds: found.seconds };
      writeKept(REACH, reach);
    }
  }
}

/** Files of mocha one by one, blocks of Pester in as few starts as there are workers: a start takes longer than most blocks. */
function batchesOf(units, workers) {
  if (units.some(({ file }) => isMocha(file))) return units.map((unit) => [unit]);
  const size = Math.ceil(units.length / workers);
  return Array.from({ length: workers }, (_, at) => units.slice(at * size, (at + 1) * size)).filter(
    ({ length }) => length > 0,
  );
}

/** @returns a map of { failed, seconds, names } by unit: the names of the marks that each left */
async function runMarked(copy, units, folder) {
  const [first] = units;
  if (isMocha(first.file))
    return new Map([[first, { ...(await runGroup(copy, units, 600)), names: readdirSync(folder) }]]);
  const blocks = new Map(units.map((unit) => [`${unit.file}:${unit.name}`, unit]));
  await copy.run(process.execPath, [...NODE, 'scripts/pester.mjs', `--hits=${folder}`, ...blocks.keys()], 3600);
  const told = copy.counts()?.units ?? [];
  return new Map(
    told.map(({ entry, failed, seconds, hits }) => [
      blocks.get(relative(copy.folder, entry)),
      { failed: failed ? 'with marks' : null, seconds, names: hits },
    ]),
  );
}

function isAsMeasured({ state, marked, reached }, file, scripts) {
  return (
    scripts.every((script) => marked.includes(script)) &&
    [file, ...reached].every((each) => existsSync(inRoot(each))) &&
    state === stateOf([file, ...reached])
  );
}

function fromKept({ seconds, hits }) {
  return { seconds, hits: hits === null ? null : new Set(hits) };
}

/** What of a file runs alone: its blocks, by their lines, or all of mocha. */
function namesIn(copy, file) {
  if (isMocha(file)) return ['all'];
  const lines = readFileSync(join(copy.folder, file), 'utf8').split('\n');
  return lines.flatMap((line, at) => (line.startsWith('Describe ') ? [String(at + 1)] : []));
}

function withMarks(script, { text: before, blocks }, folder) {
  let text = before;
  const firsts = blocks.map(({ first }, number) => ({ first, number })).sort((a, b) => b.first - a.first);
  for (const { first, number } of firsts) {
    const name = join(folder, `${script}:${number}`.replaceAll('/', '+')).replace(`${folder}+`, `${folder}/`);
    text = `${text.slice(0, first)}$null = [IO.Directory]::CreateDirectory('${name}'); ${text.slice(first)}`;
  }
  return text;
}

async function tryMutant(copy, mutant, units, { text, blocks }) {
  const { script, start, end } = mutant;
  const row = rowOf(script);
  const block = blocks
    .map((each, number) => ({ ...each, number }))
    .filter((each) => each.start <= start && end <= each.end)
    .sort((a, b) => a.end - a.start - (b.end - b.start))[0];
  const reaches = ({ file, hits }) =>
    row.texts.includes(file) || hits === null || block === undefined || hits.has(`${script}:${block.number}`);
  const meeting = units.filter((unit) => testsOf(row).includes(unit.file) && reaches(unit));
  const changed = text.slice(0, start) + mutant.new + text.slice(end);
  const isBuilt = meeting.some(({ file }) => row.built.includes(file));
  const write = async (now) => {
    copy.write(script, now);
    if (isBuilt) await build(copy);
  };
  const began = Date.now();
  const since = () => (Date.now() - began) / 1000;
  try {
    await write(changed);
    for (const group of groupsOf(meeting)) {
      const usual = group.reduce((sum, { seconds }) => sum + seconds, 0);
      let { failed } = await runGroup(copy, group, withPatience(usual));
      if (failed === ENDLESS) {
        // A busy machine would look the same: the same tests tell how long they take now, without the change.
        await write(text);
        const { seconds } = await runGroup(copy, group, 10 * withPatience(usual));
        await write(changed);
        ({ failed } = await runGroup(copy, group, withPatience(seconds)));
      }
      if (failed !== null) return { status: failed === ENDLESS ? 'ended' : 'killed', by: failed, seconds: since() };
    }
    const isReached = meeting.some(({ file }) => !row.texts.includes(file));
    return { status: isReached ? 'survived' : 'not reached', seconds: since() };
  } finally {
    copy.write(script, text);
  }
}

/** What runs in one process: all of Pester, each file of mocha; the quickest first. */
function groupsOf(units) {
  const groups = new Map();
  for (const unit of units) {
    const key = isMocha(unit.file) ? unit.file : 'pester';
    groups.set(key, [...(groups.get(key) ?? []), unit]);
  }
  const seconds = (group) => group.reduce((sum, unit) => sum + unit.seconds, 0);
  return [...groups.values()].sort((a, b) => seconds(a) - seconds(b));
}

const ENDLESS = 'no end in time';
const withPatience = (seconds) => seconds * PATIENCE.factor + PATIENCE.seconds;

/** @returns { failed, seconds }: the first failure, or null */
async function runGroup(copy, units, seconds) {
  const began = Date.now();
  const [{ file }] = units;
  const command = isMocha(file)
    ? ['scripts/mutate/mocha-file.mjs', file]
    : ['scripts/pester.mjs', '--quick', ...units.map((unit) => `${unit.file}:${unit.name}`)];
  const { code, output } = await copy.run(process.execPath, [...NODE, ...command], seconds);
  const told = isMocha(file) ? lastLine(output) : copy.counts();
  const took = (Date.now() - began) / 1000;
  if (code === null) return { failed: ENDLESS, seconds: took };
  if (code !== 0 || told === null || told.failed)
    return { failed: told?.failures?.[0] ?? told?.failed ?? `exit code ${code}`, seconds: took };
  return { failed: told.passed > 0 ? null : 'nothing ran', seconds: took };
}

function lastLine(output) {
  try {
    return JSON.parse(output.trimEnd().split('\n').at(-1));
  } catch {
    return null;
  }
}

async function build(copy) {
  await demand(process.execPath, ['scripts/build.mjs'], { cwd: copy.folder });
}

/** The tree as it is, in a folder of its own; what does not change is shared. */
function makeCopy() {
  const atTop = readdirSync(ROOT, { withFileTypes: true });
  const filesAtTop = atTop.filter((entry) => entry.isFile() && entry.name !== '.git');
  const folder = mkdtempSync(join(tmpdir(), 'cr-mutant-'));
  const folders = '.config docs module packaging schemas scripts src test types dist'.split(' ');
  for (const name of [...folders, ...filesAtTop.map((file) => file.name)]) {
    if (existsSync(inRoot(name))) cpSync(inRoot(name), join(folder, name), { recursive: true });
  }
  mkdirSync(join(folder, '.cache'));
  for (const name of ['node_modules', '.cache/engine', '.cache/nuget']) {
    if (existsSync(inRoot(name))) symlinkSync(inRoot(name), join(folder, name));
  }
  const temporary = join(folder, 't');
  const counts = join(folder, 'counts.json');
  mkdirSync(temporary);
  // Programs without an ending that tests put there are no ES modules, as that of the tree would have them.
  writeFileSync(join(temporary, 'package.json'), '{}');
  return {
    folder,
    write: (file, text) => writeFileSync(join(folder, file), text),
    counts: () => readJson(counts),
    /** @returns { code, output }; the code is null when it had to be ended */
    async run(program, args, seconds) {
      rmSync(counts, { force: true });
      const env = { ...process.env, TMPDIR: temporary, CERTREBIND_COUNTS: counts, CERTREBIND_SEED: '1001' };
      const child = spawn(program, args, { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
      const chunks = [];
      child.stdout.on('data', (chunk) => chunks.push(chunk));
      const closed = once(child.stdout, 'close');
      let isLate = false;
      const limit = setTimeout(() => {
        isLate = true;
        endProcessesOf(folder);
      }, seconds * 1000);
      // The end of the output may be later: what a test left running may hold it.
      const [code] = await once(child, 'exit');
      clearTimeout(limit);
      endProcessesOf(folder);
      await closed;
      for (const name of readdirSync(temporary).filter((each) => !each.startsWith('tsx-') && each !== 'package.json')) {
        rmSync(join(temporary, name), { recursive: true, force: true });
      }
      return { code: isLate ? null : (code ?? 1), output: Buffer.concat(chunks).toString('utf8') };
    },
  };
}

function removeCopy({ folder }) {
  endProcessesOf(folder);
  rmSync(folder, { recursive: true, force: true });
}

/** Everything that was started in a copy works in it, or names it in its command line. */
function endProcessesOf(folder) {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      if (line.includes(folder) || readlinkSync(`/proc/${pid}/cwd`).startsWith(folder))
        process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended, or is not ours.
    }
  }
}

/** Each worker takes the next one. */
async function share(workers, items, work) {
  const queue = [...items];
  await Promise.all(
    workers.map(async (worker) => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(worker, item);
    }),
  );
}

/** What was found out about a script as it is now, by the tests as they are now. */
function keptFor(kept, script) {
  states[script] ??= stateOf([script, ...testsOf(rowOf(script))]);
  if (kept[script]?.state !== states[script]) kept[script] = { state: states[script], results: {} };
  return kept[script].results;
}

/** Of the scripts as they were when this began: files may be edited while it runs. */
const states = {};

function report({ name, goal, mutants }, resultOf) {
  const tried = mutants
    .map((mutant) => ({ mutant, result: resultOf(mutant) }))
    .filter(({ result }) => result.rounds > 0);
  const rows = new Map();
  for (const { mutant, result } of tried) {
    for (const script of [mutant.script, `all of ${name}`]) {
      const row = rows.get(script) ?? { script, mutants: 0, killed: 0, ended: 0, survived: 0, 'not reached': 0 };
      row.mutants++;
      row[result.status]++;
      rows.set(script, row);
    }
  }
  console.log(`\n== ${name}, goal ${goal} %`);
  for (const { mutant, result } of tried.filter(({ result }) => !isNoticed(result))) {
    console.log(`${result.status}: ${placeOf(mutant)}`);
  }
  for (const row of [...rows.values()].sort((a, b) => (a.script < b.script ? 1 : -1))) {
    const found = (100 * (row.killed + row.ended)) / row.mutants;
    const { script, mutants: count, killed, ended, survived } = row;
    console.log(
      `| ${script} | ${count} | ${killed} | ${ended} | ${survived} | ${row['not reached']} | ${found.toFixed(1)} % |`,
    );
  }
}

function placeOf({ script, line, kind, old, new: text }) {
  const short = (value) => JSON.stringify(value.length > 90 ? `${value.slice(0, 87)}...` : value);
  return `${script}:${line} ${kind} ${short(old)} -> ${short(text)}`;
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch {
    return null;
  }
}

function writeKept(file, value) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(value));
}
