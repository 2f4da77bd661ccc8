// evidence.mjs [--help] [stage...]: checks that need large packages or a long time, and are therefore not in `npm
// test`. Each stage is a file of scripts/evidence; without names all of them run. A stage installs what it needs into
// its own folder, which is removed afterwards, and its result is written to docs/evidence/<stage>.md.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import './dev/register.mjs';
import { inRoot } from './lib/paths.mjs';
import { writeIfChanged } from './lib/write-if-changed.mjs';

const { among, readArguments } = await import('./lib/arguments.ts');

const KNOWN = readdirSync(inRoot('scripts/evidence'))
  .filter((file) => file.endsWith('.mjs'))
  .map((file) => file.slice(0, -'.mjs'.length))
  .sort();

const { help, names } = readArguments('evidence [--help] [stage...]', () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean', default: false } },
  });
  return { ...values, names: among(KNOWN, positionals.length === 0 ? KNOWN : positionals) };
});

if (help) await list();
else for (const name of names) await runStage(name);

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
    const head = [`# Evidence: ${name}`, '', `${shows}. \`npm run evidence -- ${name}\` writes this page.`, ''];
    const when = `${passed ? 'Passed' : 'FAILED'} on ${moment(began)} in ${seconds} s, on ${machine()}.`;
    writeIfChanged(inRoot(`docs/evidence/${name}.md`), `${[...head, when, '', ...lines].join('\n').trimEnd()}\n`);
    say(`${passed ? 'passed' : 'FAILED'} in ${seconds} s; docs/evidence/${name}.md is written`);
    if (!passed) process.exitCode = 1;
  } catch (error) {
    // Nothing is known then, so the page stays as it was.
    say(`could not run: ${error.message}`);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * A stage: `shows` in a few words; `needs`, each in a few words; `run({ folder, say })` works in the folder, ends every
 * process that it started, and returns `{ passed, lines }`, the lines being Markdown.
 */
function stage(name) {
  return import(`./evidence/${name}.mjs`);
}

function machine() {
  const memory = Math.round(totalmem() / 2 ** 30);
  const cores = cpus();
  return `${type()} ${release().split('-')[0]}, ${cores.length} cores of ${cores[0]?.model ?? 'an unknown processor'}, ${memory} GiB, Node ${process.versions.node}`;
}

function moment(date) {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
