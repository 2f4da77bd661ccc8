import assert from 'node:assert/strict';
import { nextVersion } from '../../../packaged/ways/versions.ts';
import type { Story } from '../measurement.ts';
import { wholeJob } from '../whole-job.ts';

/** The next version is installed while this one runs; from then on the tasks start it, and a renewal moves a binding by it. */
export const story: Story = {
  safe: 'vm',
  seconds: 600,
  async tell(stage) {
    let goBack = async () => {};
    const enabled = async () => {
      goBack = await stage.upgrade();
      const tasks = (await stage.server.tasks()).filter(({ name }) => name.startsWith('CertRebind'));
      assert.ok(tasks.length > 1, 'there are tasks');
      for (const { name, xml } of tasks) assert.ok(xml.includes(nextVersion), `${name}: ${xml}`);
    };
    if (stage.waits) {
      await wholeJob(stage, { enabled }).finally(() => goBack());
      return;
    }
    // A lab's tasks start the one file that each version replaces, and it goes through the rest in cultures.story.ts.
    const uninstall = await stage.install();
    await (await stage.upgrade())();
    await uninstall();
  },
};
