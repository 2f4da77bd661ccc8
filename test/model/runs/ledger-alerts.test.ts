import assert from 'node:assert/strict';
import { alreadySettled, emptyLedger, parseLedger, samePair, withAlerts } from '../../../src/model/runs/ledger.ts';
import { now, renewal, thumbprintOf } from '../../builders/snapshot.ts';

const [a, b, c] = [thumbprintOf('a'), thumbprintOf('b'), thumbprintOf('c')];
const weekBefore = '2026-05-25T12:00:00.000Z';
const lessThanAWeekBefore = '2026-05-25T12:00:00.001Z';

describe('the ledger of what people were told', () => {
  it('has one entry for a certificate, the latest, and forgets after a week', () => {
    const told = {
      ...emptyLedger,
      alerts: [
        { thumbprint: a, at: lessThanAWeekBefore },
        { thumbprint: b, at: lessThanAWeekBefore },
        { thumbprint: c, at: weekBefore },
      ],
    };
    assert.deepEqual(withAlerts(told, [a], now), {
      ...emptyLedger,
      alerts: [
        { thumbprint: b, at: lessThanAWeekBefore },
        { thumbprint: a, at: now },
      ],
    });
    assert.deepEqual(withAlerts(emptyLedger, [], now), emptyLedger);
  });

  it('forgets what was said by a clock that was ahead', () => {
    const told = { ...emptyLedger, alerts: [{ thumbprint: b, at: '2038-01-19T00:00:00.000Z' }] };
    assert.deepEqual(withAlerts(told, [a], now).alerts, [{ thumbprint: a, at: now }]);
  });

  it('of a version that told nobody anything is read as one that told nothing', () => {
    const { alerts: _, ...written } = emptyLedger;
    assert.deepEqual(parseLedger(JSON.stringify(written), 'ledger'), emptyLedger);
    const told = { ...emptyLedger, alerts: [{ thumbprint: a, at: now }] };
    assert.deepEqual(parseLedger(JSON.stringify(told), 'ledger'), told);
  });

  it('proves nothing for an event of a log that was empty', () => {
    const listing = { listedAt: now, lastRecordId: null, lastTimeCreated: null };
    for (const record of [0, -1])
      assert.equal(
        alreadySettled({ ...emptyLedger, listing }, record, { startedAt: new Date(now), now: new Date(now) }),
        false,
      );
  });

  it('takes two renewals for one when both sides are the same', () => {
    const pair = renewal('a', 'b');
    assert(samePair(pair, renewal('a', 'b', { source: 'event', eventRecordId: 7 })));
    assert(!samePair(pair, renewal('a', 'c')));
    assert(!samePair(pair, renewal('c', 'b')));
  });
});
