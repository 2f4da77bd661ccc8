// freeze.ts: `npm run freeze`, when a version is released. Promises each number of a document that is not promised yet: its
// schema, and samples that commands of the fast tests wrote under it, go to test/fixtures/documents for ever.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeze, promises, workingSchemas } from '../test/documents/frozen.ts';
import { readArguments } from './lib/arguments.ts';
import { inRoot, ROOT } from './lib/paths.mjs';

readArguments('freeze');
const longestSample = 20_000;
const folder = mkdtempSync(join(tmpdir(), 'certrebind-samples-'));
try {
  const tests = ['cli', 'commands', 'security', 'session', 'stories'].map((room) => `test/${room}/**/*.test.ts`);
  const { status } = spawnSync(process.execPath, [inRoot('node_modules/mocha/bin/mocha.js'), ...tests], {
    cwd: ROOT,
    env: { ...process.env, CERTREBIND_SAMPLES: folder },
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('Nothing was frozen: a test failed.');
  const samples = new Map(readdirSync(folder).map((name) => [numberOf(name), chosen(join(folder, name))]));
  // What one program writes for itself to read, within a minute, is no promise.
  const lasting = new Map([...workingSchemas()].filter(([number]) => !number.startsWith('proof-answer/')));
  const fresh = freeze(promises, lasting, samples);
  console.log(fresh.length === 0 ? 'Every number is promised already.' : `Promised: ${fresh.join(', ')}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function numberOf(file: string): string {
  return file.replace(/-(\d+)\.ndjson$/, '/$1');
}

/** The longest of each type of line, which says most, up to a size that is there for ever; beyond it the shortest. */
function chosen(file: string): readonly string[] {
  const best = new Map<string, string>();
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const type = String(JSON.parse(line).type ?? '');
    if (isBetter(line.length, best.get(type)?.length ?? Number.POSITIVE_INFINITY)) best.set(type, line);
  }
  return [...best.values()];
}

function isBetter(length: number, known: number): boolean {
  return length <= longestSample ? known > longestSample || length > known : length < known;
}
