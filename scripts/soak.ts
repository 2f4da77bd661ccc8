// npm run soak -- [--minutes N] [--sites N] [--seed N] [--json] [--record]: see test/soak/soak.ts. Ctrl-C ends it with
// everything checked once more; again, at once. --record keeps the result for docs/evidence/reliability.md.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { soak } from '../test/soak/soak.ts';
import { soakTable } from '../test/soak/tally.ts';
import { readArguments } from './lib/arguments.ts';

const given = readArguments('soak [--minutes N] [--sites N] [--seed N] [--json] [--record]');
const minutes = given.number('--minutes', 1);
const sites = given.whole('--sites', 300);
const seed = given.whole('--seed', Date.now() % 2 ** 31);
const say = (line: string) => process.stderr.write(`soak: ${line}\n`);
const interrupt = new AbortController();
process.on('SIGINT', () => {
  if (interrupt.signal.aborted) process.exit(130);
  say('ending; everything is checked once more');
  interrupt.abort();
});

say(`seed ${seed}, ${minutes} minutes, ${sites} sites`);
const result = await soak({
  seed,
  minutes,
  deeds: Number.POSITIVE_INFINITY,
  sites,
  deedsUntilRest: 25,
  signal: interrupt.signal,
  progress: say,
});
if (given.has('--record')) {
  const file = fileURLToPath(new URL('../test/soak/last-run.json', import.meta.url));
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
}
console.log(given.has('--json') ? JSON.stringify(result) : soakTable(result));
if (result.broken !== null) {
  const { invariant, detail, deed } = result.broken;
  say(`broken at deed ${deed} of seed ${seed}: ${invariant}\n${detail}\nThe lab is in ${result.folder}.`);
  process.exitCode = 1;
}
