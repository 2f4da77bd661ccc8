// fuzz.mjs [--seconds N] [--seed N] [parser...]: feeds every parser with rubbish for so long. What does harm is written
// to test/fixtures/fuzz, where the tests try it from then on.

import './dev/register.mjs';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { inRoot } from './lib/paths.mjs';

const { readArguments } = await import('./lib/arguments.ts');
const { fuzzTargets } = await import('../test/fuzz/targets.ts');
const { fuzz } = await import('../test/fuzz/fuzz.ts');

const given = readArguments('fuzz [--seconds N] [--seed N] [parser...]');
const seconds = given.number('--seconds', 300);
const seed = given.whole('--seed', Date.now() % 2 ** 31);
const known = fuzzTargets.map(({ name }) => name);
const names = given.among(known, given.words);
const targets = fuzzTargets.filter(({ name }) => names.includes(name));
const each = (seconds * 1000) / targets.length;
console.log(`seed ${seed}, ${(each / 1000).toFixed(1)} s for each of ${targets.length} parsers`);

let harm = 0;
for (const target of targets) {
  const { tried, find } = await fuzz(target, seed, each);
  console.log(`${target.name}: ${tried} inputs${find === null ? '' : `, and then: ${find.why}`}`);
  if (find === null) continue;
  harm++;
  const name = `${target.name}.${createHash('sha256').update(find.bytes).digest('hex').slice(0, 12)}.bin`;
  mkdirSync(inRoot('test/fixtures/fuzz'), { recursive: true });
  writeFileSync(inRoot(`test/fixtures/fuzz/${name}`), find.bytes);
  console.log(`  test/fixtures/fuzz/${name}`);
}
process.exitCode = harm === 0 ? 0 : 1;
