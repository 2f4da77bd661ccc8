// npm run bench [-- --all | --only <title>]: measures, and writes bench/measured.md, from which docs/evidence/performance.md concludes.
// With --all also what takes minutes, with --only one section. Nothing here passes or fails by time; tests never measure.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readArguments } from '../scripts/lib/arguments.ts';
import { measureHistory } from './history.ts';
import { measureLab } from './lab.ts';
import { measureModule } from './module.ts';
import { measurePowerShell } from './powershell.ts';
import { measurePrograms } from './programs.ts';
import { measurePure } from './pure.ts';
import { machine, table } from './row.ts';
import { measureSearch } from './search.ts';
import { sizes } from './sizes.ts';

const page = join(import.meta.dirname, 'measured.md');
const say = (text: string) => process.stderr.write(`bench: ${text}\n`);
const measured = `${machine()}; ${new Date().toISOString().slice(0, 10)}`;

/** In the order of the page. `long`: takes minutes, and is measured only when it is asked for. */
const measures: readonly { readonly title: string; readonly long: boolean; readonly measure: () => Promise<string> }[] =
  [
    { title: 'Sizes', long: false, measure: async () => sizes() },
    { title: 'In one process', long: false, measure: async () => table(await measurePure()) },
    { title: 'Programs', long: false, measure: async () => table(await measurePrograms()) },
    { title: 'The PowerShell module', long: false, measure: async () => table(await measureModule()) },
    { title: 'A long history', long: false, measure: async () => table(await measureHistory()) },
    { title: 'A search for thumbprints', long: false, measure: async () => table(await measureSearch()) },
    { title: 'Whole renewals on the lab', long: true, measure: async () => table(await measureLab(say)) },
    { title: 'Through PowerShell', long: true, measure: async () => table(await measurePowerShell(say)) },
  ];
const titles = measures.map(({ title }) => title);
const given = readArguments(`bench [--all] [--only <${titles.join('|')}>]`);
const only = given.texts('--only');
const named = given.among(titles, only);
const wanted = measures.filter(({ title, long }) =>
  only.length === 0 ? given.has('--all') || !long : named.includes(title),
);

const sections: { readonly title: string; readonly table: string }[] = [];
for (const { title, measure } of wanted) {
  say(title);
  sections.push({ title, table: await measure() });
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
