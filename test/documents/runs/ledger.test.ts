import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  alreadySettled,
  type Ledger,
  type LedgerRenewal,
  parseLedger,
  rememberedOf,
  withDecisions,
  withRenewals,
} from '../../../src/documents/runs/ledger.ts';
import { decisionAt, type EntryParts, ledgerOf as ledgerOfEntries } from '../../builders/ledger.ts';
import { now, record, renewal } from '../../builders/snapshot.ts';
import { throwsOnlyTypedErrors } from '../../support/only-typed-errors.ts';

const entry = (old: string, state: EntryParts['state'], eventRecordId: number | null = null): EntryParts => ({
  renewal: renewal(old, `${old}-successor`, { eventRecordId }),
  state,
  reasons: state === 'blocked' ? ['names-lost'] : state === 'pending' ? ['outside-window'] : [],
  run: null,
  at: now,
});
const startedAt = new Date('2026-06-01T12:00:00.500Z');
const after = '2026-06-01T12:00:00.500Z';
const before = '2026-06-01T12:00:00.499Z';
const asked = new Date('2026-06-01T12:00:05.000Z');
const future = '2026-06-01T12:00:05.001Z';
const ledgerOf = (listedAt: string | null, lastRecordId: number | null, ...entries: readonly EntryParts[]): Ledger =>
  ledgerOfEntries(entries, {
    listing: listedAt === null ? null : { listedAt, lastRecordId, lastTimeCreated: null },
  });

const table: readonly (readonly [string, Ledger, boolean])[] = [
  ['nothing was ever listed', ledgerOf(null, null), false],
  ['a listing from before this start', ledgerOf(before, 7, entry('a', 'settled', 7)), false],
  ['a later listing that ended before this event', ledgerOf(after, 6, entry('a', 'settled', 7)), false],
  ['a listing by a clock that was ahead', ledgerOf(future, 7, entry('a', 'settled', 7)), false],
  ['a later listing of an empty log', ledgerOf(after, null), false],
  ['a later listing, and the renewal settled', ledgerOf(after, 7, entry('a', 'settled', 7)), true],
  ['a later listing, and the renewal undone by a person', ledgerOf(after, 7, entry('a', 'undone', 7)), true],
  ['a later listing, and an event that concerns nothing here', ledgerOf(after, 9), true],
  ['a later listing, and the renewal blocked', ledgerOf(after, 7, entry('a', 'blocked', 7)), false],
  ['a later listing, and the renewal pending', ledgerOf(after, 7, entry('a', 'pending', 7)), false],
  ['a later listing, and the renewal failed', ledgerOf(after, 7, entry('a', 'failed', 7)), false],
  [
    'a later listing, and only another renewal open',
    ledgerOf(after, 9, entry('a', 'settled', 7), entry('b', 'failed', 8)),
    true,
  ],
];

describe('whether a start for event 7 is settled already', () => {
  for (const [name, ledger, settled] of table) {
    it(`${name}: ${settled ? 'yes' : 'no'}`, () =>
      assert.equal(alreadySettled(ledger, 7, { startedAt, now: asked }), settled));
  }
});

const known = (old: string, left: LedgerRenewal['left'] = []): LedgerRenewal => {
  return { renewal: renewal(old, `${old}-successor`), run: null, at: now, left };
};

describe('the ledger', () => {
  it('has a pair once, as it was last seen, whatever told of it', () => {
    const first = { ...known('a', ['failed']), renewal: renewal('a', 'a-successor', { eventRecordId: 7 }) };
    const renewals = withRenewals([first], [known('a')]);
    assert.deepEqual(renewals, [known('a')]);
    assert.deepEqual(rememberedOf({ renewals }, renewal('a', 'a-successor')), known('a'));
  });

  it('has the last pair last, whatever earlier one is looked at again', () => {
    const [first, second] = [known('a'), known('b')];
    const oldsAfter = (one: LedgerRenewal) => withRenewals([first, second], [one]).map(({ renewal: { old } }) => old);
    const inOrder = [first.renewal.old, second.renewal.old];
    assert.deepEqual(oldsAfter({ ...first, left: ['failed'] }), inOrder);
    assert.deepEqual(oldsAfter({ ...first, at: future }), inOrder.toReversed());
  });

  const [here, there] = [record('a.example.com:443', 'a').key, record('b.example.com:443', 'a').key];
  it('has one decision of a kind at a place, the later, and none that is over', () => {
    const pair = renewal('a', 'b');
    const [mine, other, served] = [
      decisionAt(here, pair),
      decisionAt(there, pair),
      decisionAt(here, pair, { what: 'serves-old' }),
    ];
    const later = { ...mine, run: 'run-2' };
    assert.deepEqual(withDecisions([mine, other, served], [later], new Map()), [other, served, later]);
    assert.deepEqual(withDecisions([mine, other, served], [], new Map([[here, new Set(['keeps-old'])]])), [
      other,
      served,
    ]);
  });

  it('forgets only the oldest renewals of which nothing is open', () => {
    const many = Array.from({ length: 1200 }, (_, index) => known(`s${index}`));
    const renewals = withRenewals([known('open', ['failed'])], many);
    assert.equal(renewals.length, 1001);
    const isThere = (old: string) => rememberedOf({ renewals }, renewal(old, `${old}-successor`)) !== null;
    assert.deepEqual(['open', 's199', 's200'].map(isThere), [true, false, true]);
  });

  it('comes back from its text as it was', () => {
    const ledger = ledgerOf(now, 3, entry('a', 'blocked', 3), entry('b', 'undone'));
    assert.deepEqual(parseLedger(JSON.stringify(ledger), 'ledger.json'), ledger);
  });

  it('cut off anywhere, or any other text, is a typed error', () => {
    const text = JSON.stringify(ledgerOf(now, 3, entry('a', 'blocked', 3)));
    for (let length = 0; length < text.length; length += 7)
      throwsOnlyTypedErrors(() => parseLedger(text.slice(0, length), 'x'));
    fc.assert(fc.property(fc.json(), (json) => throwsOnlyTypedErrors(() => parseLedger(json, 'x'))));
  });
});
