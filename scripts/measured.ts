// npm run measured -- [<file or folder>...] [--suites <JSON list>] [--fetched <outcome>] [--floor]: what suites measured on a Windows, as a table of that
// run, whatever became of it; and docs/evidence and README.md as they are once it is accepted, to be looked at with git diff.
// --fetched: how the step ended that fetched what the jobs kept. --floor: ends with 1 where the suite core answered less than what was accepted before, or where that cannot be told.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allMeasurements } from '../test/windows/suites/measurements.ts';
import {
  documentsAt,
  fidelityWith,
  keptMeasurements,
  lost,
  measuredFolder,
  merged,
  readMeasured,
  unsettled,
} from './docs/measured.ts';
import { runTable } from './docs/run-table.ts';
import { readArguments } from './lib/arguments.ts';
import { suiteNames } from './lib/suites.mjs';

const given = readArguments('measured <file or folder>... [--suites <list>] [--fetched <outcome>] [--floor]');
const unread: string[] = [];
/** Those of them without which nobody can tell what was answered before, or what is asked. */
const untold: string[] = [];
const fetched = given.texts('--fetched').at(-1) ?? 'success';
if (fetched !== 'success')
  unread.push(
    `what the jobs kept: the step that fetches it ended with ${fetched}, so rows that a job kept may be missing`,
  );
const suites = suitesIn(given.texts('--suites').at(-1) ?? '');
const read = given.words
  .filter((path) => existsSync(path))
  .flatMap(documentsAt)
  .flatMap((file) => {
    try {
      return merged([readMeasured(readFileSync(file, 'utf8'), file)]);
    } catch (error) {
      unread.push(`${file}: ${error instanceof Error ? error.message : error}`);
      return [];
    }
  });
const kept = keptIfRead();
const found = merged(read);
const measurements = await allMeasurements((line) => (line.startsWith('core/') ? untold : unread).push(line));
console.log(
  runTable({
    found,
    kept,
    asked: measurements.filter(({ suite }) => suites.includes(suite)),
    unread: [...untold, ...unread],
  }),
);

// A Windows of which nobody was told anything was not seen.
const seen = found.filter(({ results }) => results.some(({ measured }) => measured !== null));
if (seen.length > 0) {
  const documents = merged([...kept, ...seen]);
  mkdirSync(measuredFolder, { recursive: true });
  for (const document of documents)
    writeFileSync(join(measuredFolder, `${document.windows.build}.json`), `${JSON.stringify(document, null, 1)}\n`);
  const facts = 'docs/evidence/fidelity.json';
  const changed = fidelityWith(readFileSync(facts, 'utf8'), documents);
  writeFileSync(facts, changed);
  // In a process of its own, which reads what was just written.
  const docs = spawnSync(process.execPath, ['--import', './scripts/dev/register.mjs', 'scripts/docs.ts']);
  if (docs.status !== 0) console.log(`The pages were not written: ${docs.stderr}\n`);
  const left = unsettled(documents, JSON.parse(changed).facts);
  if (left.length > 0)
    console.log(`## What fidelity.json has to say\n\n${left.map((line) => `- ${line}`).join('\n')}\n`);
}
if (given.has('--floor')) {
  const core = measurements.filter(({ suite }) => suite === 'core');
  const missing = lost(found, kept, new Set(core.flatMap(({ measurement }) => Object.keys(measurement.rows))));
  for (const row of missing)
    console.error(`answered before, and not now: ${row}; to give that answer up, delete it from that file`);
  for (const line of untold) console.error(`nobody can tell what was answered before: ${line}`);
  process.exitCode = missing.length + untold.length > 0 ? 1 : 0;
}

function keptIfRead() {
  try {
    return keptMeasurements();
  } catch (error) {
    untold.push(`what was accepted before: ${error instanceof Error ? error.message : error}`);
    return [];
  }
}

/** All of them where none is named, or nobody can say which. */
function suitesIn(text: string): readonly string[] {
  const all = suiteNames();
  if (text === '') return all;
  try {
    const named: unknown = JSON.parse(text);
    if (Array.isArray(named) && named.every((name) => all.includes(name))) return named;
  } catch {
    // Said below.
  }
  unread.push(`the list of suites, ${text}: it is no JSON list of ${all.join(', ')}`);
  return all;
}
