// npm run bench [-- --all]: measures, and writes docs/performance.md. With --all also what takes minutes. Nothing here
// passes or fails by time; tests never measure.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readArguments } from '../scripts/lib/arguments.ts';
import { measureLab } from './lab.ts';
import { measurePowerShell } from './powershell.ts';
import { measurePrograms } from './programs.ts';
import { measurePure } from './pure.ts';
import { machine, table } from './row.ts';
import { sizes } from './sizes.ts';

const page = join(import.meta.dirname, '..', 'docs', 'performance.md');
const say = (text: string) => process.stderr.write(`bench: ${text}\n`);
const { all } = readArguments(
  'bench [--all]',
  () => parseArgs({ options: { all: { type: 'boolean', default: false } } }).values,
);
const measured = `${machine()}; ${new Date().toISOString().slice(0, 10)}`;

const sections: { readonly title: string; readonly table: string }[] = [{ title: 'Sizes', table: sizes() }];
say('reading, planning, diagnosing');
sections.push({ title: 'In one process', table: table(await measurePure()) });
say('starting programs');
sections.push({ title: 'Programs', table: table(await measurePrograms()) });
if (all) {
  sections.push({ title: 'Whole renewals on the lab', table: table(await measureLab(say)) });
  sections.push({ title: 'Through PowerShell', table: table(await measurePowerShell(say)) });
}

for (const { title, table } of sections) {
  console.log(`\n${title}\n\n${table}`);
  await putSection(title, `Measured on ${measured}.\n\n${table}\n`);
}
console.log(`\nMeasured on ${measured}.`);

/** Replaces what stands between the marks of a section; what was not measured this time stays, with its date. */
async function putSection(title: string, text: string): Promise<void> {
  const before = await readFile(page, 'utf8');
  const [open, close] = [`<!-- measured: ${title} -->\n`, `<!-- end of ${title} -->`];
  const [start, end] = [before.indexOf(open), before.indexOf(close)];
  if (start < 0 || end < 0) throw new Error(`${page} has no section for ${title}`);
  await writeFile(page, `${before.slice(0, start + open.length)}\n${text}\n${before.slice(end)}`);
}
