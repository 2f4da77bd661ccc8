import assert from 'node:assert/strict';
import { labState } from '../builders/lab.ts';
import { sni } from '../builders/snapshot.ts';
import { given, rebind, worldOf } from './world.ts';

describe('the round trips of a run', () => {
  it('are six at most in one session, also for more records than the first chunk takes', async () => {
    const lab = largeLab(520);
    const outcome = await rebind(worldOf(lab), [given(lab, 'old', 'new')]);
    assert.equal(outcome.counts.changed, 520);
    assert.equal(outcome.cost.sessions, 1);
    assert.ok(outcome.cost.roundTrips <= 6, `${outcome.cost.roundTrips} round trips`);
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
