import type { Story } from '../measurement.ts';
import { wholeJob } from '../whole-job.ts';

export const story: Story = {
  safe: 'vm',
  seconds: 420,
  async tell(stage) {
    // A lab goes through the same in Turkish, in cultures.story.ts.
    if (stage.waits) await wholeJob(stage);
  },
};
