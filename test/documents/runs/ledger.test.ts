import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  alreadySettled,
  emptyLedger,
  type Ledger,
  type LedgerEntry,
  ledgerEntryOf,
  parseLedger,
  withEntries,
  withOpenBefore,
} from '../../../src/documents/runs/ledger.ts';
import { now, record, renewal } from '../../builders/snapshot.ts';
import { swapStep } from '../../builders/steps.ts';
import { throwsOnlyTypedErrors } from '../../support/only-typed-errors.ts';

const entry = (old: string, state: LedgerEntry['state'], eventRecordId: number | null = null): LedgerEntry => ({
  renewal: renewal(old, `${old}-successor`, { eventRecordId }),
  state,
  reasons: [],
  run: null,
  at: now,
});
const startedAt = new Date('2026-06-01T12:00:00.500Z');
const after = '2026-06-01T12:00:00.500Z';
const before = '2026-06-01T12:00:00.499Z';
const asked = new Date('2026-06-01T12:00:05.000Z');
const future = '2026-06-01T12:00:05.001Z';
const ledgerOf = (
  listedAt: string | null,
  lastRecordId: number | null,
  ...entries: readonly LedgerEntry[]
): Ledger => ({
  ...emptyLedger,
  entries,
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

describe('the ledger', () => {
  it('has one entry for a pair, the latest, whatever told of it', () => {
    const ledger = withEntries(
      withEntries(emptyLedger, [entry('a', 'failed', 7)], null),
      [entry('a', 'settled', 9)],
      null,
    );
    assert.deepEqual(
      ledger.entries.map(({ state }) => state),
      ['settled'],
    );
    assert.equal(ledgerEntryOf(ledger, renewal('a', 'a-successor'))?.renewal.eventRecordId, 9);
  });

  it('has the last decision last, whatever earlier one is looked at again', () => {
    const [first, second] = [entry('a', 'failed', 7), entry('b', 'failed', 8)];
    const ledger = withEntries(emptyLedger, [first, second], null);
    const oldsAfter = (one: LedgerEntry) => withEntries(ledger, [one], null).entries.map(({ renewal: { old } }) => old);
    const inOrder = [first.renewal.old, second.renewal.old];
    assert.deepEqual(oldsAfter({ ...first, stillOld: [] }), inOrder);
    assert.deepEqual(oldsAfter({ ...first, at: future }), inOrder.toReversed());
  });

  const [here, there] = [record('a.example.com:443', 'a').key, record('b.example.com:443', 'a').key];
  for (const [what, known, now, becomes] of [
    ['is done, and one is held elsewhere', { heldAt: [here, there] }, {}, { state: 'settled', heldAt: [there] }],
    [
      'is done, and one serves the old one elsewhere',
      { stillOld: [here, there] },
      {},
      { state: 'failed', stillOld: [there] },
    ],
    ['is done everywhere', { heldAt: [here], stillOld: [here] }, {}, { state: 'settled' }],
    ['is held here too', { heldAt: [there] }, { heldAt: [here] }, { state: 'settled', heldAt: [there, here] }],
    ['was undone before', { state: 'undone', stillOld: [there] }, {}, { state: 'settled' }],
    ['is undone now', { stillOld: [there] }, { state: 'undone' }, { state: 'undone' }],
  ] as const)
    it(`keeps what an earlier run left open where this one did not look: ${what}`, () => {
      const [before, after] = [known, now].map((parts): LedgerEntry => ({ ...entry('a', 'settled'), ...parts }));
      assert(before !== undefined && after !== undefined);
      const steps = [swapStep(1, record(here, 'a'), before.renewal)];
      const { state, heldAt, stillOld } = withOpenBefore(after, withEntries(emptyLedger, [before], null), { steps });
      assert.deepEqual({ state, ...(heldAt && { heldAt }), ...(stillOld && { stillOld }) }, becomes);
    });

  it('keeps the listing when none is given', () => {
    const listing = { listedAt: now, lastRecordId: 3, lastTimeCreated: now };
    assert.deepEqual(withEntries({ ...emptyLedger, listing }, [], null).listing, listing);
  });

  it('forgets only the oldest settled renewals, never an undone one', () => {
    const many = Array.from({ length: 1200 }, (_, index) => entry(`s${index}`, 'settled'));
    const ledger = withEntries(emptyLedger, [entry('rolled-back', 'undone'), ...many], null);
    assert.equal(ledger.entries.length, 1001);
    assert.notEqual(ledgerEntryOf(ledger, renewal('rolled-back', 'rolled-back-successor')), null);
    assert.equal(ledgerEntryOf(ledger, renewal('s199', 's199-successor')), null);
    assert.notEqual(ledgerEntryOf(ledger, renewal('s200', 's200-successor')), null);
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
