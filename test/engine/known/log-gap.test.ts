import assert from 'node:assert/strict';
import { emptyLedger, type Listing } from '../../../src/documents/runs/ledger.ts';
import { logGap } from '../../../src/engine/known/log-gap.ts';
import { planPending } from '../../../src/engine/plan/plan-pending.ts';
import type { LifecycleLog } from '../../../src/kinds/snapshot.ts';
import { unknownParts } from '../../../src/kinds/unknown-parts.ts';
import { certificate, logOf, policy, record, replaced, site, snapshot, sni } from '../../builders/snapshot.ts';
import { leaves } from '../../builders/steps.ts';
import { each } from '../../support/each.ts';

const read = replaced(7, 'a', 'b');
const listing: Listing = { listedAt: read.timeCreated, lastRecordId: 7, lastTimeCreated: read.timeCreated };

/** A log of which a snapshot could not hold more entries, and whose oldest one is not told. */
function fullFrom(first: number): LifecycleLog {
  const events = Array.from({ length: 1000 }, (_, index) => replaced(first + index, 'a', 'b'));
  return { ...logOf(...events), oldestRecordId: null };
}

const rows: readonly (readonly [string, Listing | null, Partial<LifecycleLog>, RegExp | null])[] = [
  ['never listed', null, { lastRecordId: 3 }, null],
  ['listed while empty', { ...listing, lastRecordId: null }, { lastRecordId: 3 }, null],
  ['nothing new', listing, { oldestRecordId: 1, lastRecordId: 7 }, null],
  ['more of it', listing, { oldestRecordId: 1, lastRecordId: 9 }, null],
  ['the oldest is the next', listing, { oldestRecordId: 8, lastRecordId: 9 }, null],
  ['the next is gone', listing, { oldestRecordId: 9, lastRecordId: 12 }, /gap.*record 7.*at 9/],
  [
    'empty now',
    listing,
    { oldestRecordId: null, lastRecordId: null },
    /cleared: CertRebind had read it up to record 7\.$/,
  ],
  ['listed while empty, and empty still', { ...listing, lastRecordId: null }, { lastRecordId: null }, null],
  ['a listing without a time', { ...listing, lastTimeCreated: null }, { ...logOf(read), oldestRecordId: 1 }, null],
  ['full, and begins behind what was read', listing, fullFrom(9), /gap.*record 7.*at 9/],
  ['full, and begins with what comes next', listing, fullFrom(8), null],
  ['not full, and its oldest entry unknown', listing, { ...fullFrom(9), events: fullFrom(9).events.slice(1) }, null],
  [
    'another event beside the one that was read',
    listing,
    logOf({ ...read, recordId: 6, timeCreated: 'x' }, read),
    null,
  ],
  ['fewer than were read', listing, { oldestRecordId: 1, lastRecordId: 2 }, /cleared.*record 7.*at 2/],
];

describe('a log that was listed before', () => {
  for (const [what, known, log, says] of rows)
    it(`${what}: ${says === null ? 'nothing was missed' : 'said'}`, () => {
      const found = logGap(known, { enabled: true, oldestRecordId: null, lastRecordId: null, events: [], ...log });
      if (says === null) assert.equal(found, null);
      else assert.match(found ?? '', says);
    });

  it('and has grown again past the number that was read after it was cleared: another event has that number', () => {
    const log = logOf({ ...read, timeCreated: '2026-06-01T11:59:59.000Z' });
    assert.match(logGap(listing, log) ?? '', /not the one/);
    assert.equal(logGap(listing, logOf(read)), null);
  });
});

describe('the plan for what is pending', () => {
  it('notes a log that was cleared, and finds by the renewal property what its events would have told', () => {
    const server = snapshot({
      sites: [site('Shop', [sni('shop.example.com')])],
      records: [record('shop.example.com:443', 'a')],
      certificates: [
        certificate('a', { archived: true, renewedTo: 'b' }),
        certificate('b', { archived: true, renewedTo: 'c' }),
        certificate('c'),
      ],
    });
    const plan = planPending(server, { ...emptyLedger, listing }, policy());
    assert.deepEqual(each(plan.notes, 'code'), ['log-gap']);
    assert.deepEqual(
      plan.steps.map((step) => leaves(step)?.thumbprint),
      [certificate('c').thumbprint],
    );
    assert.equal(
      plan.renewals.every(({ source }) => source === 'renewal-property'),
      true,
    );
  });

  it('says nothing of a log that nobody looked at', () => {
    const server = snapshot({ notLookedAt: unknownParts('not-read', ['lifecycle']) });
    assert.deepEqual(planPending(server, { ...emptyLedger, listing }, policy()).notes, []);
  });
});
