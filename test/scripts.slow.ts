import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** What a script starts once everything is prepared. */
function commandOf(script: string): readonly string[] {
  const [program, ...words] = String(scripts[script]).split(' && ').at(-1)?.split(' ') ?? [];
  assert.equal(program, 'node', script);
  return words;
}

/** The newest change of what scripts write into the checkout: pages, results, finds. */
function lastWritten(): number {
  const files = ['docs', 'test/fixtures/fuzz', 'test/soak'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(root, folder, name)),
  );
  return Math.max(...files.map((file) => statSync(file).mtimeMs));
}

async function start(script: string, words: readonly string[]) {
  const child = spawn(process.execPath, [...commandOf(script), ...words], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text) => {
      printed[stream] += text;
      // Whatever it says on stdout, it has begun to work, which may take hours.
      if (stream === 'stdout') child.kill('SIGKILL');
    });
  const [exitCode] = await once(child, 'close');
  return { exitCode, ...printed };
}

describe('scripts', () => {
  // Each script once, and each kind of question; what the questions are answered is told in arguments.test.ts.
  const misunderstood: readonly (readonly [script: string, words: readonly string[], says: RegExp])[] = [
    ['fuzz', ['--seconds', 'x'], /--seconds takes a number above 0, not "x"/],
    ['soak', ['--minuts', '1'], /Unknown option '--minuts'/],
    ['soak', ['--sites', '1.5'], /--sites takes a whole number above 0, not "1.5"/],
    ['bench', ['nope'], /Unexpected argument 'nope'/],
    ['package', ['--bogus'], /Unknown option '--bogus'/],
    ['evidence', ['ansible', 'nope'], /There is no "nope" among .*\bansible\b/],
    ['docs', ['nope'], /Unexpected argument 'nope'/],
    [
      'mutate',
      ['powershell', 'nope.ps1'],
      /There is no "nope.ps1" among src\/server\/windows\/adapter, src\/kinds, module/,
    ],
  ];
  for (const [script, words, says] of misunderstood) {
    it(`npm run ${script} -- ${words.join(' ')}: one line, exit 2, nothing touched`, async () => {
      const before = lastWritten();
      const { exitCode, stdout, stderr } = await start(script, words);
      assert.deepEqual([exitCode, stdout], [2, ''], stderr);
      assert.match(stderr, new RegExp(`^npm run ${script}: .*; it takes .+\n$`));
      assert.match(stderr, says);
      assert.equal(lastWritten(), before);
    });
  }

  it('npm run evidence -- --help lists the stages', async () => {
    const { stdout } = await start('evidence', ['--help']);
    assert.match(stdout, /^npm run evidence -- \[stage\.\.\.\]\n\n/);
  });
});
