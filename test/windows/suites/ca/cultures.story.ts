import assert from 'node:assert/strict';
import type { Story } from '../measurement.ts';
import { wholeJob } from '../whole-job.ts';

/** Where a comma stands in numbers and days come first; where i and I are no pair of letters. */
const cultures = ['de-DE', 'tr-TR'];

export const story: Story = {
  safe: 'vm',
  seconds: 900,
  async tell({ inCulture, waits }) {
    // A lab only shows that it can be asked.
    for (const culture of waits ? cultures : cultures.slice(-1))
      await inCulture(culture, async (stage) => {
        assert.deepEqual(await stage.ask('ca/culture'), { culture: [culture] });
        await wholeJob(stage);
      });
  },
};
