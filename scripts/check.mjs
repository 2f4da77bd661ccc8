// check.mjs: all checks of the code that do not run it. The tools run side by side; the output of each is shown in one
// piece, and only if there is any.

import { delimiter, join } from 'node:path';
import { NODE_MODULES, ROOT } from './lib/paths.mjs';
import { runProgram } from './lib/program.mjs';

const CHECKS = [
  { name: 'types', command: 'node node_modules/typescript-7/bin/tsc' },
  { name: 'style', command: 'biome check --error-on-warnings .' },
  { name: 'layers', command: 'depcruise --cache .cache/depcruise --output-type err-long src' },
  { name: 'unused code and packages', command: 'knip' },
];

const PATH = [join(NODE_MODULES, '.bin'), process.env.PATH].join(delimiter);

const results = await Promise.all(CHECKS.map(runCheck));
process.exitCode = results.every(Boolean) ? 0 : 1;

async function runCheck({ name, command }) {
  const { code, output, seconds } = await runProgram(command, [], {
    cwd: ROOT,
    shell: true,
    env: { ...process.env, PATH },
  });
  console.log(`  ${name}: ${code === 0 ? 'fine' : 'FAILED'} (${seconds.toFixed(1)} s)`);
  if (code !== 0) console.log(`${output.trimEnd()}\n`);
  return code === 0;
}
