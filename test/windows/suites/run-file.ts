// run-file.ts <file> <result> [lab]: one file of a suite, in a process of its own, so that whatever it does costs only itself.

import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { sweep } from '../../../src/run/rehearsal-leftovers.ts';
import { type Asked, answersOf } from './measurement.ts';
import { openStage } from './stage.ts';

const [file = '', result = '', lab] = process.argv.slice(2);
const { measurement, story }: Asked = await import(pathToFileURL(file).href);
const stage = await openStage(lab ?? null);
try {
  await story?.tell(stage);
  const answers = measurement === undefined ? [] : answersOf(measurement, await measurement.collect(stage));
  writeFileSync(result, JSON.stringify(answers));
} finally {
  const { safe } = measurement ?? story ?? { safe: 'yes' };
  if (safe !== 'yes') await sweep(stage.server, await stage.server.snapshot());
  await stage.close();
}
// What a file forgot to end must not keep the runner.
process.exit();
