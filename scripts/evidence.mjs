// evidence.mjs [--help] [stage...]: checks that need large packages or a long time, and are therefore not in `npm
// test`. Each stage is a file of scripts/evidence; without names all of them run. A stage installs what it needs into
// its own folder, which is removed afterwards, and its result is written to its section of docs/evidence/other-programs.md.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir, type } from 'node:os';
import { join } from 'node:path';
import './dev/register.mjs';
import { inRoot } from './lib/paths.mjs';
import { writeIfChanged } from './lib/write-if-changed.mjs';

const { readArguments } = await import('./lib/arguments.ts');

const PAGE = 'docs/evidence/other-programs.md';
const KNOWN = readdirSync(inRoot('scripts/evidence'))
  .filter((file) => file.endsWith('.mjs'))
  .map((file) => file.slice(0, -'.mjs'.length))
  .sort();

if (process.argv.includes('--help')) {
  await list();
  process.exit();
}
const given = readArguments('evidence [--help] [stage...]');
for (const name of given.among(KNOWN, given.words)) await runStage(name);

async function list() {
  console.log('npm run evidence -- [stage...]\n');
  for (const name of KNOWN) {
    const { shows, needs } = await stage(name);
    console.log(`  ${name}\n    ${shows}\n    needs ${needs.join('; ')}`);
  }
}

async function runStage(name) {
  const { shows, needs, run } = await stage(name);
  const began = new Date();
  const say = (line) => console.log(`${name}: ${line}`);
  say(`${shows}; needs ${needs.join('; ')}`);
  say(`${machine()}; ${moment(began)}`);
  const folder = mkdtempSync(join(tmpdir(), `certrebind-evidence-${name}-`));
  try {
    const { passed, lines } = await run({ folder, say });
    const seconds = ((Date.now() - began.getTime()) / 1000).toFixed(0);
    const when = `${passed ? 'Passed' : 'FAILED'} on ${moment(began)} in ${seconds} s, on ${machine()}.`;
    writeSection(name, [`## ${name}`, '', `${shows}.`, '', when, '', ...summed(lines)]);
    say(`${passed ? 'passed' : 'FAILED'} in ${seconds} s; ${PAGE} is written`);
    if (!passed) process.exitCode = 1;
  } catch (error) {
    // Nothing is known then, so the page stays as it was.
    say(`could not run: ${error.message}`);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** In place of the section of that stage, or before that of the next stage by name. */
function writeSection(name, lines) {
  const page = readFileSync(inRoot(PAGE), 'utf8');
  const sections = page.split(/(?=^<!-- stage: )/m);
  const others = sections.slice(1).filter((section) => !section.startsWith(`<!-- stage: ${name} -->`));
  const written = `<!-- stage: ${name} -->\n${lines.join('\n').trimEnd()}\n<!-- end of ${name} -->\n`;
  const all = [...others, written].map((section) => section.trimEnd()).sort();
  writeIfChanged(inRoot(PAGE), `${[sections[0].trimEnd(), ...all].join('\n\n')}\n`);
}

/** Many checks that differ only in what was checked, or in a number, stand there once, with how many there are. */
function summed(lines) {
  const parts = (line) => /^- passed: (.+): ([^:]+)$/.exec(line)?.slice(1) ?? [];
  const ways = [(line) => parts(line)[1], (line) => parts(line)[1]?.replace(/\d+/g, '…'), (line) => parts(line)[0]];
  return ways.reduce(summedBy, lines);
}

function summedBy(lines, what) {
  return lines.flatMap((line, at) => {
    const same = lines.filter((other) => what(line) !== undefined && what(other) === what(line));
    if (same.length < 8) return [line];
    return lines.indexOf(same[0]) === at ? [`- passed: ${what(line)} (${same.length} times)`] : [];
  });
}

/**
 * A stage: `shows` in a few words; `needs`, each in a few words; `run({ folder, say })` works in the folder, ends every
 * process that it started, and returns `{ passed, lines }`, the lines being Markdown.
 */
function stage(name) {
  return import(`./evidence/${name}.mjs`);
}

function machine() {
  return `${type()}, ${cpus().length} cores, Node ${process.versions.node}`;
}

function moment(date) {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
