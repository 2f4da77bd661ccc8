import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readMeasured } from '../scripts/docs/measured.ts';
import { newFolder } from './support/temporary-lab.ts';

const root = join(import.meta.dirname, '..');

interface Failing {
  readonly failures: number;
  readonly env: Readonly<Record<string, string>>;
  readonly words?: readonly string[];
}

/** Runs a script in a copy of the project, without packages and with an npm that fails so many times first. */
function ensured({ failures, env, words = ['scripts/ensure.mjs', '--packages-only'] }: Failing) {
  const copy = newFolder();
  const parts = ['scripts/ensure.mjs', 'scripts/test-windows.mjs', 'scripts/lib', 'package.json', 'package-lock.json'];
  for (const part of [...parts, 'test/windows/suites']) {
    mkdirSync(join(copy, dirname(part)), { recursive: true });
    cpSync(join(root, part), join(copy, part), { recursive: true });
  }
  const npm = `#!/bin/sh\nprintf x >> asked\nmkdir -p node_modules\necho 'npm error: no registry' >&2\n[ $(wc -c < asked) -gt ${failures} ]\n`;
  mkdirSync(join(copy, 'bin'));
  writeFileSync(join(copy, 'bin', 'npm'), npm, { mode: 0o755 });
  const { CI: _, npm_execpath: __, ...rest } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, words, {
    cwd: copy,
    env: { ...rest, ...env, PATH: `${join(copy, 'bin')}:${process.env.PATH}` },
    encoding: 'utf8',
  });
  assert.equal(stdout, '', stderr);
  return { copy, status, stderr, asked: readFileSync(join(copy, 'asked'), 'utf8').length };
}

describe('packages that a registry does not give', () => {
  const cases = [
    ['are asked for once more by a job', 1, { CI: 'true' }, 0, 2],
    ['are not asked for for ever', 9, { CI: 'true' }, 1, 2],
    ['leave it to a person to try again', 1, {}, 1, 1],
  ] as const;
  for (const [what, failures, env, status, asked] of cases)
    it(what, () => {
      const ended = ensured({ failures, env });
      assert.deepEqual([ended.status, ended.asked], [status, asked], ended.stderr);
      assert.equal(/npm ci failed/.test(ended.stderr), true);
    });

  it('leave a suite for Windows with that reason', () => {
    const words = ['scripts/test-windows.mjs', '--suite', 'rights', '--out', 'found'];
    const { copy, status, stderr } = ensured({ failures: 9, env: {}, words });
    assert.equal(status, 1, stderr);
    assert.match(stderr, /npm error: no registry/);
    assert.deepEqual(readdirSync(join(copy, 'found')), ['rights']);
    const text = readFileSync(join(copy, 'found/rights/measured.json'), 'utf8');
    const [{ file, outcome, why } = assert.fail(text)] = readMeasured(text, 'rights').files;
    assert.deepEqual([file, outcome], ['rights', 'failed']);
    assert.match(why ?? '', /packages or the build are missing: .*npm error: no registry.*npm ci failed/);
  });
});
