import type { Story } from '../measurement.ts';
import { wholeJob } from '../whole-job.ts';

export const story: Story = { safe: 'vm', seconds: 420, tell: (stage) => wholeJob(stage) };
