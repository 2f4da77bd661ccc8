import assert from 'node:assert/strict';
import { checkPrinted } from '../../cli/check-printed.ts';
import { perform } from '../../security/program.ts';
import { temporaryLab } from '../../support/temporary-lab.ts';

describe('certrebind forecast', () => {
  it('counts the renewals of a lab, and fewer of them need a person once the first thing to do is done', async () => {
    const lab = await temporaryLab({ sites: 3 });
    try {
      const forecast = async (...more: readonly string[]) =>
        perform(['forecast', '--lab', lab.folder, '--json', ...more]);
      const { exitCode, document: before } = await forecast();
      assert.equal(exitCode, 0);
      checkPrinted(before);
      assert.ok(before.total.renewals > 0);
      assert.equal(before.total.costs.nothing, 0, 'nothing is enabled');
      const [first] = before.actions;
      assert.equal(first.command, 'certrebind enable');

      const enabled = await perform([...first.command.split(' ').slice(1), '--no-proof', '--yes', '--lab', lab.folder]);
      assert.equal(enabled.exitCode, 0, enabled.stderr);
      const { document: after } = await forecast();
      assert.equal(after.total.renewals, before.total.renewals);
      assert.ok(after.total.costs.person < before.total.costs.person);
      assert.equal(
        after.actions.find(({ command }: { command: string }) => command === first.command),
        undefined,
      );

      assert.match(
        (await perform(['forecast', '--lab', lab.folder])).stdout,
        /renewals until 2029-12-31 need a person/,
      );
      const { exitCode: refused, stderr } = await perform(['forecast', '--lab', lab.folder, '--until', '2020-01']);
      assert.equal(refused, 2);
      assert.match(stderr, /--until takes a month from now on.*not "2020-01"/s);
    } finally {
      await lab.remove();
    }
  });
});
