import assert from 'node:assert/strict';
import { openWorld, type World } from '../stories/lab-world.ts';

describe('certrebind plan', () => {
  let world: World;
  before(async () => {
    world = await openWorld((folder) => ['--lab', folder]);
  });
  after(() => world.close());

  it('shows for what is pending the plan that reconcile would carry out, its notes among it', async () => {
    const { new: successor } = await world.lab(['renew', world.certificates[0]?.thumbprint ?? '']);
    await world.json(['reconcile']);
    await world.lab(['event', '--clear']);
    await world.lab(['renew', successor, '--no-event']);
    const shown = await world.json(['plan']);
    const tried = await world.json(['reconcile', '--dry-run']);
    const codes = ({ notes }: { notes: readonly { code: string }[] }) => notes.map(({ code }) => code);
    assert.ok(codes(shown.document).includes('log-gap'));
    assert.deepEqual(codes(shown.document), codes(tried.document));
    assert.deepEqual(shown.document.renewals, tried.document.renewals);
  });
});
