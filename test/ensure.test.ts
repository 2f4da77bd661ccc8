import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { newFolder } from './support/temporary-lab.ts';

const root = join(import.meta.dirname, '..');

/** Installs the packages of a copy of the project with an npm that fails so many times first. */
function ensured({ failures, env }: { readonly failures: number; readonly env: Readonly<Record<string, string>> }) {
  const copy = newFolder();
  for (const part of ['scripts/ensure.mjs', 'scripts/lib', 'package.json', 'package-lock.json']) {
    mkdirSync(join(copy, dirname(part)), { recursive: true });
    cpSync(join(root, part), join(copy, part), { recursive: true });
  }
  const npm = `#!/bin/sh\nprintf x >> asked\nmkdir -p node_modules\n[ $(wc -c < asked) -gt ${failures} ]\n`;
  mkdirSync(join(copy, 'bin'));
  writeFileSync(join(copy, 'bin', 'npm'), npm, { mode: 0o755 });
  const { CI: _, npm_execpath: __, ...rest } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/ensure.mjs', '--packages-only'], {
    cwd: copy,
    env: { ...rest, ...env, PATH: `${join(copy, 'bin')}:${process.env.PATH}` },
    encoding: 'utf8',
  });
  assert.equal(stdout, '', stderr);
  return { status, stderr, asked: readFileSync(join(copy, 'asked'), 'utf8').length };
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
});
