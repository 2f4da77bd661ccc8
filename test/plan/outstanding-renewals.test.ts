import assert from 'node:assert/strict';
import type { Renewal } from '../../src/model/certificates/renewal.ts';
import type { Snapshot } from '../../src/model/documents/snapshot.ts';
import { emptyLedger, type Ledger, type LedgerEntry } from '../../src/model/runs/ledger.ts';
import { closeRenewals } from '../../src/plan/close-renewals.ts';
import { outstandingRenewals } from '../../src/plan/outstanding-renewals.ts';
import { planPending } from '../../src/plan/plan-pending.ts';
import {
  certificate,
  https,
  logOf,
  policy,
  record,
  renewal,
  replaced,
  site,
  snapshot,
  thumbprintOf,
} from '../builders/snapshot.ts';
import { leaves } from '../builders/steps.ts';

const event = (old: string, successor: string, eventRecordId: number) =>
  renewal(old, successor, { source: 'event', eventRecordId });
const property = (old: string, successor: string) => renewal(old, successor, { source: 'renewal-property' });

const key = '0.0.0.0:443';
const others = '0.0.0.0:10443';
const earlier = '2026-05-02T00:00:00.000Z';

/** A site on port 443 whose record holds `label`; `a` was renewed to `b`, as its property says. */
function server(label: string, parts: Partial<Snapshot> = {}): Snapshot {
  return snapshot({
    sites: [site('Shop', [https('*:443:')])],
    records: [record(key, label)],
    certificates: [certificate('a', { renewedTo: 'b' }), certificate('b')],
    ...parts,
  });
}

const linksOf = (from: Snapshot, ledger = emptyLedger, configuration = policy()) =>
  outstandingRenewals(from, ledger, configuration).links;

/** What is pending and what is held, as pairs of labels. */
function standing(from: Snapshot, ledger: Ledger, configuration = policy()) {
  const { pending, held } = outstandingRenewals(from, ledger, configuration);
  const short = ({ renewal: { old, new: successor } }: { readonly renewal: Renewal }) =>
    `${labelOf(old)}→${labelOf(successor)}`;
  return { pending: pending.map(short), held: held.map(short) };
}

const labelOf = (thumbprint: string) => ['a', 'b', 'c', 'd'].find((label) => thumbprintOf(label) === thumbprint);

describe('outstanding renewals', () => {
  it('are those whose old certificate a record holds', () => {
    const certificates = [certificate('a', { renewedTo: 'b' }), certificate('x', { renewedTo: 'y' })];
    assert.deepEqual(linksOf(server('a', { certificates })), [property('a', 'b')]);
    assert.deepEqual(linksOf(snapshot({ certificates })), []);
  });

  it('come with every link from there to the end', () => {
    const certificates = [certificate('a', { renewedTo: 'b' }), certificate('b', { renewedTo: 'c' })];
    assert.deepEqual(
      closeRenewals(linksOf(server('a', { certificates }))).renewals.find(({ old }) => old === thumbprintOf('a')),
      property('a', 'c'),
    );
  });

  it('follow likeness only when the policy says so', () => {
    const later = { notBefore: '2026-05-01T00:00:00Z', notAfter: '2027-05-01T00:00:00Z' };
    const alike = server('a', { certificates: [certificate('a'), certificate('b', later)] });
    assert.deepEqual(linksOf(alike), []);
    assert.deepEqual(linksOf(alike, emptyLedger, policy({ successors: 'same-names' })), [
      renewal('a', 'b', { source: 'same-names' }),
    ]);
  });

  it('hold every candidate of an ambiguous renewal', () => {
    const links = linksOf(server('a', { lifecycle: logOf(replaced(1, 'a', 'c')) }));
    assert.equal(closeRenewals(links).unresolved[0]?.candidates.length, 2);
  });

  it('hold A→C when A→B was settled and put back before B→C came', () => {
    const certificates = [certificate('a', { renewedTo: 'b' }), certificate('b', { renewedTo: 'c' })];
    const ledger = ledgerOf({ renewal: property('a', 'b'), state: 'settled' });
    assert.deepEqual(standing(server('a', { certificates }), ledger), { pending: ['a→c'], held: [] });
  });
});

describe('a renewal that the ledger knows', () => {
  interface Row {
    readonly situation: string;
    readonly record?: string;
    readonly ledger: Ledger;
    readonly parts?: Partial<Snapshot>;
    readonly configuration?: ReturnType<typeof policy>;
    readonly pending?: readonly string[];
    readonly held?: readonly string[];
  }
  const settled = ledgerOf({ renewal: property('a', 'b'), state: 'settled' });
  const undone = ledgerOf({ renewal: event('a', 'b', 1), state: 'undone' });
  const announced = (recordId: number, timeCreated: string, parts = {}) => ({
    lifecycle: logOf(replaced(1, 'a', 'b', { timeCreated: '2026-05-01T00:00:00.000Z' }), {
      ...replaced(recordId, 'a', 'b', { timeCreated }),
      ...parts,
    }),
  });
  const after = '2026-05-03T00:00:00.000Z';
  const future = '2038-01-19T00:00:00.000Z';
  const rows: readonly Row[] = [
    { situation: 'settled, the old certificate is back on a record', ledger: settled, pending: ['a→b'] },
    { situation: 'settled, no record holds the old certificate', record: 'b', ledger: settled },
    {
      situation: 'settled, only the record of another product holds the old certificate',
      ledger: settled,
      parts: { records: [record(key, 'b'), record(others, 'a')] },
    },
    {
      situation: 'settled, an excluded record holds the old certificate',
      ledger: settled,
      configuration: policy({ exclude: { sites: ['shop'], records: [], thumbprints: [], holders: [] } }),
    },
    {
      situation: 'settled, the new certificate is excluded',
      ledger: settled,
      configuration: policy({ exclude: { sites: [], records: [], thumbprints: [thumbprintOf('b')], holders: [] } }),
    },
    { situation: 'blocked', ledger: ledgerOf({ renewal: property('a', 'b'), state: 'blocked' }), pending: ['a→b'] },
    { situation: 'failed', ledger: ledgerOf({ renewal: property('a', 'b'), state: 'failed' }), pending: ['a→b'] },
    { situation: 'pending', ledger: ledgerOf({ renewal: property('a', 'b'), state: 'pending' }), pending: ['a→b'] },
    { situation: 'undone', ledger: undone, held: ['a→b'] },
    {
      situation: 'undone and announced again since',
      ledger: undone,
      parts: announced(2, after),
      pending: ['a→b'],
    },
    {
      situation: 'undone and announced again by somebody who is no administrator',
      ledger: undone,
      parts: announced(2, after, { userId: 'S-1-5-21-1-2-3-1104' }),
      held: ['a→b'],
    },
    {
      situation: 'undone by a clock that was behind its own event',
      ledger: ledgerOf({ renewal: event('a', 'b', 2), state: 'undone', at: '2020-01-01T00:00:00.000Z' }),
      parts: announced(2, after),
      held: ['a→b'],
    },
    {
      situation: 'undone and announced by an event from the future',
      ledger: undone,
      parts: announced(2, future),
      held: ['a→b'],
    },
    {
      situation: 'undone by a clock that was ahead and announced again since',
      ledger: ledgerOf({ renewal: event('a', 'b', 1), state: 'undone', at: future }),
      parts: announced(2, after),
      pending: ['a→b'],
    },
    {
      situation: 'settled, and a person has rebound the other way since',
      ledger: ledgerOf(
        { renewal: property('a', 'b'), state: 'settled' },
        { renewal: renewal('b', 'a'), state: 'settled' },
      ),
      held: ['a→b'],
    },
    {
      situation: 'brought in again after a person had rebound the other way',
      ledger: ledgerOf(
        { renewal: renewal('b', 'a'), state: 'settled' },
        { renewal: renewal('a', 'b'), state: 'settled' },
      ),
      pending: ['a→b'],
    },
  ];
  for (const { situation, record: label = 'a', ledger, parts = {}, configuration, pending = [], held = [] } of rows) {
    it(`is ${pending.length > 0 ? 'pending' : held.length > 0 ? 'held' : 'neither pending nor held'}: ${situation}`, () => {
      assert.deepEqual(standing(server(label, parts), ledger, configuration), { pending, held });
    });
  }

  it('is planned again when it was settled and the old certificate is back on a record', () => {
    const plan = planPending(server('a'), settled, policy());
    assert.deepEqual(
      plan.steps.map((step) => leaves(step)?.thumbprint),
      [thumbprintOf('b')],
    );
  });

  it('is no step of a plan that says of it that it is held', () => {
    const plan = planPending(server('a'), undone, policy());
    assert.deepEqual(plan.steps, []);
    assert.deepEqual(
      plan.notes.map(({ code }) => code),
      ['renewal-held'],
    );
    assert.match(plan.notes[0]?.text ?? '', new RegExp(`--old ${thumbprintOf('a')} --new ${thumbprintOf('b')}`));
  });

  it('is skipped by the first plan when only the record of another product holds it, and left out once settled', () => {
    const foreign = server('b', { records: [record(key, 'b'), record(others, 'a')] });
    assert.deepEqual(
      planPending(foreign, emptyLedger, policy()).skipped.map(({ reason }) => reason),
      ['not-ours', 'already'],
    );
    assert.deepEqual(planPending(foreign, settled, policy()).renewals, []);
  });
});

function ledgerOf(...entries: readonly (Pick<LedgerEntry, 'renewal' | 'state'> & { readonly at?: string })[]): Ledger {
  return { ...emptyLedger, entries: entries.map((entry) => ({ reasons: [], run: null, at: earlier, ...entry })) };
}
