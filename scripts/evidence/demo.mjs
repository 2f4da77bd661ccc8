// A recording of `npm run demo` for README: what it prints, a line at the moment when it came, as a picture of text.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { inRoot } from '../lib/paths.mjs';
import { recording } from '../lib/recording.mjs';

export const shows = 'What npm run demo prints, recorded for README';
export const needs = ['nothing else'];

const PICTURE = 'docs/evidence/demo.svg';
const MOST_BYTES = 200_000;

export async function run({ folder }) {
  const child = spawn(process.execPath, [inRoot('dist/certrebind-lab.cjs'), 'lab', 'demo'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const began = Date.now();
  const told = [];
  for await (const text of createInterface({ input: child.stdout })) told.push({ text, at: Date.now() - began });
  const [code] = await closed;
  const shown = shortened(told);
  const picture = recording('What npm run demo prints', [{ text: '$ npm run demo', at: 0 }, ...shown]);
  const bytes = Buffer.byteLength(picture);
  const passed = code === 0 && bytes <= MOST_BYTES && /, 0 failed; /.test(told.at(-1)?.text ?? '');
  if (passed) writeFileSync(inRoot(PICTURE), picture);
  const seconds = ((told.at(-1)?.at ?? 0) / 1000).toFixed(1);
  return { passed, lines: [`${told.length} lines in ${seconds} s; ${shown.length} of them in \`${PICTURE}\`.`] };
}

/** Without the folder of the lab, and without what stands between the changes and what clients saw. */
function shortened(told) {
  const at = (begin) => {
    const line = told.findIndex(({ text }) => text.startsWith(begin));
    if (line < 0) throw new Error(`no line begins with "${begin}"`);
    return line;
  };
  const [run, changes, yours, clients] = [
    'What the run did',
    'Changes',
    'CertRebind changes these once you type the command',
    'What the clients saw',
  ].map(at);
  const kept = [...told.slice(0, run), ...told.slice(changes, yours), ...told.slice(clients)];
  return kept.filter(({ text }) => !text.startsWith('/'));
}
