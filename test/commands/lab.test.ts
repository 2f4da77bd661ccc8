import assert from 'node:assert/strict';
import { openWorld } from '../stories/lab-world.ts';

describe('certrebind lab stop', () => {
  it('says what holds when it returns: nothing serves the lab, whether or not somebody did', async () => {
    const world = await openWorld((folder) => ['--lab', folder]);
    try {
      for (const served of [true, false]) {
        assert.equal((await world.lab(['status'])).served, served);
        const { exitCode, stdout } = await world.certrebind(['lab', 'stop']);
        assert.equal(exitCode, 0);
        assert.equal(stdout, `Nothing serves ${world.folder} now.\n`);
      }
    } finally {
      await world.close();
    }
  });
});

describe('a command of a lab', () => {
  it('that an armed fault leaves without an answer is no defect: exit 7, and what to do', async () => {
    const world = await openWorld((folder) => ['--lab', folder]);
    try {
      await world.lab(['fault', 'netsh', 'die']);
      const { exitCode, stderr } = await world.certrebind(['lab', 'netsh', 'http show sslcert']);
      assert.equal(exitCode, 7);
      assert.match(stderr, /The lab did not answer: .*lab fault, and disarm it with --clear/s);
    } finally {
      await world.close();
    }
  });
});
