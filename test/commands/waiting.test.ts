import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { acquireLock } from '../../src/state/lock.ts';
import { labProgram } from '../cli/run-program.ts';
import { temporaryLab } from '../support/temporary-lab.ts';

describe('a start that waits for another run', () => {
  let lab: Awaited<ReturnType<typeof temporaryLab>>;
  before(async () => {
    lab = await temporaryLab({ sites: 1 });
    mkdirSync(join(lab.folder, 'certrebind'), { mode: 0o700 });
  });
  after(() => lab.remove());

  for (const [how, words, expected] of [
    ['on stderr', ['--json'], new RegExp(`^certrebind: Waiting for process ${process.pid}, which has been working`)],
    ['as progress in JSON', ['--progress', 'json'], /^\{"schema":"certrebind\/progress\/1","stage":"wait"/],
  ] as const)
    it(`says so ${how}, and names the process that it waits for`, async () => {
      const signal = new AbortController().signal;
      const lock = await acquireLock(join(lab.folder, 'certrebind'), { wait: false, signal });
      const child = spawn(process.execPath, [labProgram, 'reconcile', '--lab', lab.folder, ...words], {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { PATH: process.env.PATH ?? '' },
      });
      const closed = once(child, 'close');
      try {
        const [said] = await once(child.stderr.setEncoding('utf8'), 'data');
        assert.match(said, expected);
      } finally {
        await lock.release();
      }
      assert.deepEqual((await closed)[0], 0);
    });
});
