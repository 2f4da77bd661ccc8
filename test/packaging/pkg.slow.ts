import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchBase } from '../../scripts/package/bases.mjs';
import { makeExecutable } from '../../scripts/package/executable.mjs';
import { newFolder } from '../support/temporary-lab.ts';

describe('pkg, called for real on a base as Node publishes it', () => {
  const folder = newFolder();

  it('makes an executable that its own settings keep from NODE_OPTIONS and OPENSSL_CONF', () => {
    const { binary } = fetchBase('linux');
    const [bases, outfile] = [{ linux: binary }, join(folder, 'made')];
    const program = `'use strict';
      require('node:crypto').createHash('sha256');
      console.log(JSON.stringify([/店/u.source, process.argv.slice(2), process.execArgv]));`;
    const [hook, openssl] = ['hook.cjs', 'openssl.cnf'].map((name) => join(folder, name)) as [string, string];
    writeFileSync(hook, "console.log('hook');");
    writeFileSync(
      openssl,
      'nodejs_conf = a\nconfig_diagnostics = 1\n[a]\nproviders = b\n[b]\nnone = c\n[c]\nactivate = 1\n',
    );
    const answer = (command: string, ...words: readonly string[]) => {
      const env = { NODE_OPTIONS: `--require ${hook}`, OPENSSL_CONF: openssl };
      const { status, stdout } = spawnSync(command, words, { env, encoding: 'utf8' });
      return [status, stdout];
    };
    makeExecutable({ program, platform: 'linux', bases, outfile });
    const execArgv = ['--openssl-config=/dev/null', '--heap-growing-percent=30'];
    assert.deepEqual(answer(outfile, 'a'), [0, `${JSON.stringify(['店', ['a'], execArgv])}\n`]);
    writeFileSync(join(folder, 'program.cjs'), program);
    assert.notDeepEqual(answer(binary, join(folder, 'program.cjs'))[0], 0);
  }).timeout(120_000);
});
