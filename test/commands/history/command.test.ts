import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileState } from '../../../src/engine/state/file-state.ts';
import { perform } from '../../security/program.ts';
import { temporaryLab } from '../../support/temporary-lab.ts';

describe('history', () => {
  it('says of a run that goes on in which process, and only of one that was left that it is to be recovered', async () => {
    const lab = await temporaryLab({ sites: 1 });
    try {
      const home = join(lab.folder, 'certrebind');
      mkdirSync(home, { mode: 0o700 });
      const state = fileState(home);
      const history = async () => (await perform(['history', '--lab', lab.folder])).stdout;
      const found = async (command: string) => {
        const { stdout, exitCode } = await perform([command, '--lab', lab.folder, '--json']);
        const { findings }: { findings: readonly { code: string }[] } = JSON.parse(stdout);
        return { codes: findings.map(({ code }) => code).filter((code) => code.includes('run')), exitCode };
      };

      const lock = await state.lock({ wait: false, signal: new AbortController().signal });
      await (await state.openRun('20260131-091500000-1a2b')).abandon();
      assert.match(
        await history(),
        new RegExp(`Run \\S+ is active: process ${process.pid} has been working on it since `),
      );

      assert.deepEqual((await found('verify')).codes, ['run-under-way']);
      assert.deepEqual((await found('status')).codes, [], 'it ends by itself');

      const plan = () => perform(['plan', '--lab', lab.folder]);
      process.env.TZ = 'Asia/Kolkata';
      assert.match(await history(), /since \d{4}-\d\d-\d\d \d\d:\d\d UTC\+5:30\./, 'by the clock of the reader');
      assert.match((await plan()).stdout, /as of \S+ \S+ UTC\+5:30\n/);
      process.env.TZ = 'UTC';
      assert.match((await plan()).stdout, /as of \S+ \S+ UTC\n/);

      await lock.release();
      assert.deepEqual((await found('status')).codes, ['unfinished-run']);
      assert.match(await history(), /Run \S+ was interrupted\. The next command that changes something recovers it/);
    } finally {
      process.env.TZ = 'UTC';
      await lab.remove();
    }
  });
});
