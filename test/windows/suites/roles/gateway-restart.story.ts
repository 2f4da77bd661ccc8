import type { Story } from '../measurement.ts';
import { restarted } from '../restarted.ts';

export const story: Story = {
  safe: 'vm',
  program: 'installed',
  seconds: 900,
  tell: (stage) => restarted(stage, 'rd-gateway'),
};
