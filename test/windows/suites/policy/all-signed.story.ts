import type { Story } from '../measurement.ts';
import { wholeJob } from '../whole-job.ts';

/** Under a policy that takes signed scripts only, with a certificate that was made for it: the adapter still runs as a file. */
export const story: Story = {
  safe: 'vm',
  seconds: 600,
  async tell(stage) {
    let lift = async () => {};
    try {
      await wholeJob(stage, {
        installed: async () => {
          lift = await stage.allSigned();
          return 'file';
        },
      });
    } finally {
      await lift();
    }
  },
};
