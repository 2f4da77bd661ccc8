import type { Story } from '../measurement.ts';
import { restarted } from '../restarted.ts';

export const story: Story = {
  safe: 'vm',
  program: 'installed',
  seconds: 900,
  async tell(stage) {
    // A lab goes through the same with SQL Server.
    if (stage.waits) await restarted(stage, 'sstp');
  },
};
