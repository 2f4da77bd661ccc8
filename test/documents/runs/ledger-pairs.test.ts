import assert from 'node:assert/strict';
import { alreadySettled, emptyLedger, samePair } from '../../../src/documents/runs/ledger.ts';
import { now, renewal } from '../../builders/snapshot.ts';

describe('the ledger', () => {
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
