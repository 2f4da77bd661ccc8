// fuzz.mjs [--seconds N] [--seed N] [parser...]: feeds every parser with rubbish for so long. What does harm is written
// to test/fixtures/fuzz, where the tests try it from then on.

import './dev/register.mjs';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { inRoot } from './lib/paths.mjs';

const { aboveZero, among, readArguments } = await import('./lib/arguments.ts');
const { fuzzTargets } = await import('../test/fuzz/targets.ts');
const { fuzz } = await import('../test/fuzz/fuzz.ts');

const { seconds, seed, names } = readArguments('fuzz [--seconds N] [--seed N] [parser...]', () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seconds: { type: 'string', default: '300' }, seed: { type: 'string' } },
  });
  const known = fuzzTargets.map(({ name }) => name);
  return {
    seconds: aboveZero('--seconds', values.seconds),
    seed: values.seed === undefined ? Date.now() % 2 ** 31 : aboveZero('--seed', values.seed, 'whole'),
    names: among(known, positionals.length === 0 ? known : positionals),
  };
});
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
