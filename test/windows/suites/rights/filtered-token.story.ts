import assert from 'node:assert/strict';
import { differencesBetween } from '../../../../src/commands/rehearse/rehearse.ts';
import type { Story } from '../measurement.ts';

/** Without elevation nothing is changed, and the program says at once what it lacks. */
export const story: Story = {
  safe: 'vm',
  seconds: 300,
  async tell({ server, install, unelevated }) {
    const before = await server.snapshot();
    const uninstall = await install();
    for (const words of [['status'], ['reconcile', '--yes'], ['enable', '--yes']]) {
      const { exitCode, document } = await unelevated(words);
      assert.deepEqual([exitCode, document.error?.code], [7, 'not-elevated'], `${words}: ${JSON.stringify(document)}`);
    }
    await uninstall();
    assert.deepEqual(differencesBetween(before, await server.snapshot()), []);
  },
};
