import assert from 'node:assert/strict';
import type { Story } from '../measurement.ts';
import { wholeJob } from '../whole-job.ts';

/** Under a policy that takes signed scripts only, with a certificate that was made for it: the adapter still runs as a file. */
export const story: Story = {
  safe: 'vm',
  seconds: 600,
  async tell(stage) {
    let lift = async () => {};
    const installed = async () => {
      lift = await stage.allSigned();
      return 'file';
    };
    try {
      if (stage.waits) return await wholeJob(stage, { installed });
      // A lab goes through the rest in cultures.story.ts.
      const uninstall = await stage.install();
      await installed();
      const { exitCode, document } = await stage.certrebind(['status']);
      assert.equal(exitCode, 0, JSON.stringify(document).slice(0, 2000));
      await uninstall();
    } finally {
      await lift();
    }
  },
};
