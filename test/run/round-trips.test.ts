import assert from 'node:assert/strict';
import { labState } from '../builders/lab.ts';
import { sni } from '../builders/snapshot.ts';
import { given, rebind, worldOf } from './world.ts';

describe('the round trips of a run', () => {
  it('are one to look and one for each chunk of records, in one session', async () => {
    const lab = largeLab(520);
    const world = worldOf(lab);
    const outcome = await rebind(world, [given(lab, 'old', 'new')]);
    assert.equal(outcome.counts.changed, 520);
    const { journal } = await world.state.readRun(outcome.run);
    assert.deepEqual(
      journal.flatMap((line) => (line.type === 'changing' ? [line.steps.length] : [])),
      [1, 500, 19],
      'one canary, five hundred that a defect could meet, and the rest in one call',
    );
    assert.equal(outcome.cost.sessions, 1);
    assert.equal(outcome.cost.roundTrips, 4, 'a look, and a call for each chunk');
  });
});

function largeLab(records: number) {
  const names = ['*.example.com'];
  const hosts = Array.from({ length: records }, (_, at) => `host${at}.example.com`);
  const certified = labState()
    .certificate('new', { names, notAfter: '2028-01-01T00:00:00Z' })
    .certificate('old', { names, renewedTo: 'new' });
  return hosts.reduce((lab, host) => lab.site(host, [sni(host)]).record(`${host}:443`, 'old'), certified);
}
