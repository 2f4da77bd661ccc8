import assert from 'node:assert/strict';
import { spy } from 'sinon';
import type { Ledger } from '../../../src/documents/runs/ledger.ts';
import type { LabBuilder } from '../../builders/lab.ts';
import { labState } from '../../builders/lab.ts';
import { ledgerOf } from '../../builders/ledger.ts';
import { policy, renewal, sni } from '../../builders/snapshot.ts';
import { execute, given, keyText, type Parts, rebind, startTime, worldOf } from './world.ts';

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

describe('an event', () => {
  const event = { want: 'pending', event: { record: 7, startedAt: new Date(startTime) } } as const;
  const looksOf = async (lab: LabBuilder, parts: Partial<Parts> = {}, ledger?: Ledger) => {
    const world = worldOf(lab);
    const look = spy(world.context.server, 'snapshot');
    if (ledger !== undefined) await world.state.writeLedger(ledger);
    const outcome = await execute(world, { wanted: event, ...parts });
    const looks = look.args.map(([extent]) => extent);
    return { looks, changed: outcome.counts.changed };
  };
  const renewed = () => largeLab(1);
  const idle = () =>
    labState()
      .certificate('old')
      .site('shop', [sni('shop.example.com')])
      .record('shop.example.com:443', 'old');

  it('that concerns nothing in use reads nothing of authorities', async () => {
    assert.deepEqual(await looksOf(idle()), { looks: ['brief'], changed: 0 });
  });
  it('with something to change does, before it is decided', async () => {
    assert.deepEqual(await looksOf(renewed()), { looks: ['brief', 'whole'], changed: 1 });
  });
  it('does at once where names are judged, or where a roll-back may wait for an intermediate', async () => {
    const configuration = policy({ successors: 'same-names' });
    assert.deepEqual((await looksOf(idle(), { configuration })).looks, ['whole']);
    const cause = { kind: 'chain', issuer: 'CN=x', said: '' } as const;
    const heldAt = [keyText('shop.example.com:443')];
    const entry = { renewal: renewal('a', 'b'), state: 'undone', heldAt, cause } as const;
    assert.deepEqual((await looksOf(idle(), {}, ledgerOf([entry]))).looks, ['whole']);
  });
  it('does not where everything is looked at, as each hour', async () => {
    assert.deepEqual((await looksOf(idle(), { wanted: { want: 'pending' } })).looks, ['whole']);
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
