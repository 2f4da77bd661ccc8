// check.mjs: all checks of the code that do not run it. The tools run side by side; the output of each is shown in one
// piece, and only if there is any.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { inRoot, NODE_MODULES, ROOT } from './lib/paths.mjs';

const CHECKS = [
  { name: 'types', command: 'tsc' },
  { name: 'style', command: 'biome check --error-on-warnings .' },
  { name: 'layers', command: 'depcruise --cache .cache/depcruise --output-type err-long src' },
  // Without the built programs everything would count as unused.
  { name: 'unused code and packages', command: 'knip', needs: 'src/cli-lab.ts' },
];

const results = await Promise.all(CHECKS.map(runCheck));
process.exitCode = results.every(Boolean) ? 0 : 1;

async function runCheck({ name, command, needs }) {
  if (needs !== undefined && !existsSync(inRoot(needs))) {
    console.log(`  ${name}: SKIPPED, there is no ${needs} yet`);
    return true;
  }
  const started = Date.now();
  const { code, output } = await run(command);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`  ${name}: ${code === 0 ? 'fine' : 'FAILED'} (${seconds} s)`);
  if (code !== 0) console.log(`${output.trimEnd()}\n`);
  return code === 0;
}

function run(command) {
  const PATH = [join(NODE_MODULES, '.bin'), process.env.PATH].join(delimiter);
  const child = spawn(command, {
    cwd: ROOT,
    shell: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH },
  });
  const chunks = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  child.stderr.on('data', (chunk) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString('utf8') }));
  });
}
