import assert from 'node:assert/strict';
import { type Configuration, defaultConfiguration } from '../../../src/documents/configuration.ts';
import { emptyLedger, type Ledger } from '../../../src/documents/runs/ledger.ts';
import { resolveChains } from '../../../src/engine/known/resolve-chains.ts';
import { successionOf } from '../../../src/engine/known/succession.ts';
import { outstandingRenewals } from '../../../src/engine/plan/outstanding-renewals.ts';
import { planPending, renewalsOf } from '../../../src/engine/plan/plan-pending.ts';
import { parseBinding } from '../../../src/kinds/iis/binding.ts';
import type { KeyText } from '../../../src/kinds/record-key.ts';
import type { Snapshot } from '../../../src/kinds/snapshot.ts';
import type { Renewal } from '../../../src/model/certificates/renewal.ts';
import { type EntryParts, ledgerOf as ledgerOfEntries } from '../../builders/ledger.ts';
import { met } from '../../builders/met.ts';
import {
  certificate,
  https,
  logOf,
  policy,
  record,
  renewal,
  replaced,
  type SnapshotParts,
  site,
  snapshot,
  thumbprintOf,
} from '../../builders/snapshot.ts';
import { leaves } from '../../builders/steps.ts';
import { each } from '../../support/each.ts';

const event = (old: string, successor: string, eventRecordId: number) =>
  renewal(old, successor, { source: 'event', eventRecordId });
const property = (old: string, successor: string) => renewal(old, successor, { source: 'renewal-property' });

const key = '0.0.0.0:443';
const others = '0.0.0.0:10443';
const earlier = '2026-05-02T00:00:00.000Z';

/** A site on port 443 whose record holds `label`; `a` was renewed to `b`, as its property says. */
function server(label: string, parts: SnapshotParts = {}): Snapshot {
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
      resolveChains(linksOf(server('a', { certificates }))).renewals.find(({ old }) => old === thumbprintOf('a')),
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
    assert.equal(resolveChains(links).unresolved[0]?.candidates.length, 2);
  });

  it('name what an ambiguous one could change, and nothing of what they cannot', () => {
    const unclear = (holder: string, ledger = emptyLedger) =>
      outstandingRenewals(
        server('d', { records: [record(holder, 'a')], lifecycle: logOf(replaced(1, 'a', 'c')) }),
        ledger,
        policy(),
      ).unclear.map(({ old, onOld }) => [labelOf(old), onOld]);
    assert.deepEqual(unclear(key), [['a', [key]]]);
    assert.deepEqual(unclear(others), []);
    const settled = [property('a', 'b'), event('a', 'c', 1)].map((one) => ({
      renewal: one,
      state: 'settled' as const,
    }));
    assert.deepEqual(unclear(key, ledgerOf(...settled)), [['a', [key]]]);
    const undone = settled.map((one) => ({ ...one, state: 'undone' as const }));
    assert.deepEqual(unclear(key, ledgerOf(...undone)), []);
  });

  it('drop an ambiguous renewal of the record of another product once every candidate is settled', () => {
    const foreign = (label: string) =>
      server('b', { records: [record(others, label)], lifecycle: logOf(replaced(1, 'a', 'c'), replaced(2, 'c', 'd')) });
    const one = ledgerOf({ renewal: property('a', 'b'), state: 'settled' });
    const both = ledgerOf(
      { renewal: property('a', 'b'), state: 'settled' },
      { renewal: event('a', 'c', 1), state: 'settled' },
    );
    assert.deepEqual(
      linksOf(foreign('a'), one).map(({ old, eventRecordId }) => [labelOf(old), eventRecordId]),
      [
        ['c', 2],
        ['a', 1],
        ['a', null],
      ],
    );
    assert.deepEqual(linksOf(foreign('a'), both), []);
    assert.deepEqual(linksOf(foreign('d'), emptyLedger), []);
  });

  it('go round a circle of renewals once', () => {
    const certificates = [certificate('a', { renewedTo: 'b' }), certificate('b', { renewedTo: 'a' })];
    assert.equal(linksOf(server('a', { certificates })).length, 2);
  });

  it('come in the order of their certificates, those of one pair in that of their events', () => {
    const pairs = [
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'd'],
      ['d', 'a'],
    ] as const;
    const sorted = pairs.toSorted(([a], [b]) => (thumbprintOf(a) < thumbprintOf(b) ? -1 : 1));
    const told = [...sorted, ...sorted].toReversed().map(([a, b], index) => replaced(10 - index, a, b));
    const links = linksOf(server('a', { certificates: [certificate('a')], lifecycle: logOf(...told) }));
    assert.deepEqual(
      links.map(({ old, eventRecordId }) => [labelOf(old), eventRecordId]),
      sorted.flatMap(([a], index) => [
        [a, 3 + index],
        [a, 7 + index],
      ]),
    );
    const twice = [certificate('a', { renewedTo: 'b' })];
    const both = linksOf(server('a', { certificates: twice, lifecycle: logOf(replaced(5, 'a', 'b')) }));
    assert.deepEqual(each(both, 'eventRecordId'), [null, 5]);
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
    readonly parts?: SnapshotParts;
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
    { situation: 'undone and announced again since', ledger: undone, parts: announced(2, after), pending: ['a→b'] },
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
      situation: 'undone by a clock that was ahead, and not announced since',
      ledger: ledgerOf({ renewal: event('a', 'b', 2), state: 'undone', at: future }),
      parts: announced(1, after),
      held: ['a→b'],
    },
    {
      situation: 'undone by a clock that was ahead, of a renewal that no event had told of',
      ledger: ledgerOf({ renewal: property('a', 'b'), state: 'undone', at: future }),
      parts: announced(2, after),
      held: ['a→b'],
    },
    {
      situation: 'undone after the last event had announced it',
      ledger: ledgerOf({ renewal: event('a', 'b', 1), state: 'undone', at: '2026-05-04T00:00:00.000Z' }),
      parts: announced(2, after),
      held: ['a→b'],
    },
    {
      situation: 'undone, announced again since, in a log whose events are listed from the newest to the oldest',
      ledger: ledgerOf({ renewal: event('a', 'b', 7), state: 'undone' }),
      parts: {
        lifecycle: logOf(
          replaced(9, 'a', 'b', { timeCreated: after }),
          replaced(8, 'a', 'b', { timeCreated: '2026-05-01T00:00:00.000Z' }),
        ),
      },
      pending: ['a→b'],
    },
    {
      situation: 'undone, and an event since tells of another pair',
      ledger: undone,
      parts: {
        lifecycle: logOf(replaced(1, 'a', 'b', { timeCreated: '2026-05-01T00:00:00.000Z' }), replaced(2, 'c', 'd')),
      },
      held: ['a→b'],
    },
    {
      situation: 'undone, and an event that names no certificates came since',
      ledger: undone,
      parts: announced(2, after, { old: null, new: null }),
      held: ['a→b'],
    },
    {
      situation: 'settled, and the other way was tried by a person since and failed',
      ledger: ledgerOf(
        { renewal: property('a', 'b'), state: 'settled' },
        { renewal: renewal('b', 'a'), state: 'failed', run: '7' },
      ),
      held: ['a→b'],
    },
    {
      situation: 'settled, and an event alone has told of the other way since',
      ledger: ledgerOf(
        { renewal: property('a', 'b'), state: 'settled' },
        { renewal: event('b', 'a', 5), state: 'settled' },
      ),
      pending: ['a→b'],
    },
    {
      situation: 'never brought in, and the other way is what a person once rebound',
      ledger: ledgerOf({ renewal: renewal('b', 'a'), state: 'settled', run: '7' }),
      held: ['a→b'],
    },
    {
      situation: 'never brought in, and the other way was given by a plan without steps',
      ledger: ledgerOf({ renewal: renewal('b', 'a'), state: 'settled' }),
      pending: ['a→b'],
    },
    {
      situation: 'brought in, and a person has rebound the other way at another place since',
      ledger: ledgerOf(
        { renewal: property('a', 'b'), state: 'undone', run: '7', heldAt: [others as KeyText] },
        { renewal: renewal('b', 'a'), state: 'settled', run: '7' },
      ),
      pending: ['a→b'],
    },
    {
      situation: 'settled, and a person has rebound the other way since',
      ledger: ledgerOf(
        { renewal: property('a', 'b'), state: 'settled' },
        { renewal: renewal('b', 'a'), state: 'settled', run: '7' },
      ),
      held: ['a→b'],
    },
    {
      situation: 'settled, a person has rebound the other way since, and a later event told of it',
      ledger: ledgerOf({ renewal: renewal('b', 'a'), state: 'settled' }),
      parts: announced(2, after),
      pending: ['a→b'],
    },
    {
      situation: 'settled, and a person has gone back there since',
      ledger: ledgerOf({ renewal: property('a', 'b'), state: 'settled', heldAt: [key as KeyText] }),
      held: ['a→b'],
    },
    {
      situation: 'settled, and a person has gone back elsewhere since',
      ledger: ledgerOf({ renewal: property('a', 'b'), state: 'settled', heldAt: [others as KeyText] }),
      pending: ['a→b'],
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
    assert.deepEqual(each(plan.notes, 'code'), ['renewal-held']);
    assert.match(plan.notes[0]?.command ?? '', new RegExp(`--old ${thumbprintOf('a')} --new ${thumbprintOf('b')}`));
  });

  it('is skipped by the first plan when only the record of another product holds it, and left out once settled', () => {
    const foreign = server('b', { records: [record(key, 'b'), record(others, 'a')] });
    assert.deepEqual(each(planPending(foreign, emptyLedger, policy()).skipped.map(met), 'reason'), [
      'other-program',
      'already',
    ]);
    assert.deepEqual(planPending(foreign, settled, policy()).renewals, []);
  });
});

describe('where a renewal is to be brought in', () => {
  const swapsFtp = policy({ holders: { ...defaultConfiguration.holders, ftp: { policy: 'replace' } } });
  const ftp = (name: string, label: string) => ({ site: name, thumbprint: thumbprintOf(label), store: 'My' });
  const ftpSite = (name: string) => site(name, [parseBinding('ftp', '*:21:', 0)]);
  const [second, third] = ['0.0.0.0:8443', '0.0.0.0:9443'];
  /** Records and FTP sites, of which some hold the new certificate already. */
  const mixed = server('a', {
    sites: [site('Shop', [https('*:443:'), https('*:8443:'), https('*:9443:')]), ftpSite('Files'), ftpSite('Photos')],
    records: [record(third, 'a'), record(second, 'b'), record(key, 'a')],
    ftps: [ftp('Files', 'a'), ftp('Photos', 'b')],
  });
  const excluding = (exclude: Partial<Configuration['exclude']>) => ({
    ...swapsFtp,
    exclude: { ...defaultConfiguration.exclude, ...exclude },
  });
  const rows: readonly (readonly [
    situation: string,
    configuration: Configuration,
    onOld: readonly string[],
    onNew: readonly string[],
  ])[] = [
    ['only on records where FTP sites are reported', policy(), [key, third], [second]],
    ['on FTP sites too where they are changed', swapsFtp, [key, third, 'ftp/Files'], [second, 'ftp/Photos']],
    ['not on an excluded record', excluding({ records: [third] }), [key, 'ftp/Files'], [second, 'ftp/Photos']],
    ['not on an excluded FTP site', excluding({ holders: ['ftp/files'] }), [key, third], [second, 'ftp/Photos']],
  ];
  for (const [situation, configuration, onOld, onNew] of rows) {
    it(`is told by its holders: ${situation}`, () => {
      const [pending, ...more] = outstandingRenewals(mixed, emptyLedger, configuration).pending;
      assert.deepEqual(pending, { renewal: property('a', 'b'), onOld, onNew, entry: null, again: null });
      assert.deepEqual(more, []);
    });
  }

  it('is on an FTP site alone where no record holds the old certificate', () => {
    const only = server('b', { sites: mixed.sites, ftps: [ftp('Files', 'a')] });
    const { pending, links } = outstandingRenewals(only, emptyLedger, swapsFtp);
    assert.deepEqual(
      pending.flatMap(({ onOld }) => onOld),
      ['ftp/Files'],
    );
    assert.deepEqual(links, [property('a', 'b')]);
    assert.deepEqual(outstandingRenewals(only, emptyLedger, policy()).pending, []);
  });

  it('leaves out a record that the Web Management Service goes with until that is changed too', () => {
    const management = { port: 8172, address: '*', state: 'started' } as const;
    const consumer = { kind: 'wmsvc', detail: 'Web Management Service' } as const;
    const appId = '{d7d72267-fcf9-4424-9eec-7e1d8dcec9a9}';
    const manager = server('b', {
      records: [record('0.0.0.0:8172', 'a', { appId })],
      others: [{ thumbprint: thumbprintOf('a'), consumer, management }],
    });
    const swaps = policy({ holders: { ...defaultConfiguration.holders, wmsvc: { policy: 'replace' } } });
    const onOld = (configuration: Configuration) =>
      outstandingRenewals(manager, emptyLedger, configuration).pending.flatMap((one) => one.onOld);
    assert.deepEqual(onOld(policy()), []);
    assert.deepEqual(onOld(swaps), ['wmsvc/8172']);
    assert.deepEqual(onOld({ ...swaps, applicationIds: [appId] }), ['wmsvc/8172']);
    assert.deepEqual(onOld(policy({ applicationIds: [appId] })), ['0.0.0.0:8172']);
  });

  it('is pending on the rest where it was rolled back at one FTP site, with the decision that says so', () => {
    const ledger = ledgerOf({ renewal: property('a', 'b'), state: 'settled', heldAt: ['ftp/Files' as KeyText] });
    const { pending, held } = outstandingRenewals(mixed, ledger, swapsFtp);
    const [entry] = ledger.renewals;
    const [decision] = ledger.decisions;
    const common = { renewal: property('a', 'b') };
    const onNew = [second, 'ftp/Photos'];
    assert.deepEqual(pending, [{ ...common, entry, onOld: [key, third], onNew, again: null }]);
    assert.deepEqual(held, [{ ...common, decision, onOld: ['ftp/Files'] }]);
    const settled = server('b', { sites: mixed.sites, ftps: [ftp('Files', 'a')] });
    assert.deepEqual(outstandingRenewals(settled, ledger, swapsFtp).links, []);
  });

  it('is told with what earlier runs made of it', () => {
    const ledger = ledgerOf(
      { renewal: property('c', 'd'), state: 'settled' },
      { renewal: property('a', 'b'), state: 'blocked' },
    );
    assert.equal(outstandingRenewals(server('a'), ledger, policy()).pending[0]?.entry, ledger.renewals[1]);
  });
});

describe('a renewal outside of the window for changes', () => {
  const window = { from: '22:00', to: '02:00' };
  const nightly = policy({ window });
  const waits = (from: Snapshot, window = nightly) => {
    const { decisions } = renewalsOf({ snapshot: from, ledger: emptyLedger, configuration: window });
    const { blocked, opens } = decisions;
    return blocked.map(met).map(({ reason }) => (reason === 'outside-window' ? opens : reason));
  };
  const ending = (notAfter: string) =>
    server('a', { certificates: [certificate('a', { renewedTo: 'b', notAfter }), certificate('b')] });
  const gone = server('a', { certificates: [certificate('b')], lifecycle: logOf(replaced(1, 'a', 'b')) });
  for (const [situation, from] of [
    ['nothing was made of it yet', server('a')],
    ['the old certificate has gone from the server', gone],
  ] as const) {
    it(`waits for it: ${situation}`, () => {
      const [opens] = waits(from);
      assert(typeof opens === 'object');
      assert.match(opens?.notBefore ?? '', /^2026-06-0(?:1T2[23]|2T0[01]):\d\d:00\.000Z$/);
      assert.equal(opens?.window, '22:00-02:00 UTC');
    });
  }

  it('waits for its certificate first where that has yet to arrive', () => {
    const missing = server('a', { certificates: [certificate('a', { renewedTo: 'b' })] });
    assert.deepEqual(waits(missing), ['certificate-missing']);
  });

  it('waits for nothing where the old certificate ends before the next window but one week', () => {
    assert.deepEqual(waits(ending('2026-06-05T00:00:00.000Z')), []);
  });

  it('waits for nothing within it', () => {
    const late = server('a', { takenAt: '2026-06-01T13:58:00.000Z' });
    assert.deepEqual(waits(late, policy({ window: { from: '10:00', to: '14:00' } })), []);
  });

  const given: readonly (readonly [situation: string, EntryParts, isTaken: boolean])[] = [
    ['a person named it then', { renewal: renewal('a', 'c'), state: 'pending', reasons: ['outside-window'] }, true],
    [
      'a person named it, and its certificate had not arrived',
      { renewal: renewal('a', 'c'), state: 'pending', reasons: ['certificate-missing'] },
      true,
    ],
    ['a person had it brought in', { renewal: renewal('a', 'c'), state: 'settled' }, true],
    [
      'an event told of it that the log has no more',
      { renewal: event('a', 'c', 1), state: 'pending', reasons: ['outside-window'] },
      true,
    ],
  ];
  for (const [situation, entry, isTaken] of given) {
    it(`is ${isTaken ? '' : 'not '}brought in by its task when that opens: ${situation}`, () => {
      const from = server('a', { certificates: [certificate('a'), certificate('c')] });
      assert.deepEqual(linksOf(from, ledgerOf(entry), nightly), isTaken ? [entry.renewal] : []);
    });
  }
});

describe('a renewal that runs alone still know', () => {
  const bare = (label: string) => server(label, { certificates: ['a', 'b', 'c'].map((one) => certificate(one)) });
  const cause = { kind: 'handshake', said: 'Reset.' } as const;
  const rolledBack = { cause, heldAt: [key as KeyText] };
  const heldOf = (ledger: Ledger) => outstandingRenewals(bare('a'), ledger, policy()).held.map((one) => one.renewal);

  it('is pending where its old certificate is in use, although the log has lost its event', () => {
    const ledger = ledgerOf({ renewal: event('a', 'b', 1), state: 'settled' });
    assert.deepEqual(linksOf(bare('a'), ledger), [event('a', 'b', 1)]);
  });

  for (const [source, one] of [
    ['that was announced', event('a', 'b', 1)],
    ['that was given', renewal('a', 'b')],
  ] as const) {
    it(`and that was rolled back stays so: one ${source}`, () => {
      assert.deepEqual(heldOf(ledgerOf({ renewal: one, state: 'undone', ...rolledBack })), [one]);
    });
  }

  it('and that was given and undone in part is on hold there alone', () => {
    const entry: EntryParts = { renewal: renewal('a', 'b'), state: 'settled', heldAt: [key as KeyText] };
    assert.deepEqual(heldOf(ledgerOf(entry)), [renewal('a', 'b')]);
  });

  it('gives way to what the server tells, and to the last entry', () => {
    const ledger = ledgerOf(
      { renewal: event('a', 'b', 1), state: 'settled' },
      { renewal: event('a', 'c', 2), state: 'settled' },
    );
    assert.deepEqual(linksOf(bare('a'), ledger), [event('a', 'c', 2)]);
    const told = { ...bare('a'), certificates: [certificate('a', { renewedTo: 'b' }), certificate('b')] };
    assert.deepEqual(
      linksOf(told, ledger).map((one) => one.new),
      [thumbprintOf('b')],
    );
  });

  it('does not lead back to what replaced it', () => {
    const ledger = ledgerOf(
      { renewal: event('a', 'b', 1), state: 'settled' },
      { renewal: event('b', 'a', 2), state: 'settled' },
    );
    assert.deepEqual(linksOf(bare('a'), ledger), []);
    assert.deepEqual(linksOf(bare('b'), ledger), [event('b', 'a', 2)]);
  });
});

describe('the renewals in force', () => {
  const short = (renewals: readonly Renewal[]) =>
    renewals.map(({ old, new: successor }) => `${labelOf(old)}→${labelOf(successor)}`);
  const inForce = (ledger: Ledger, parts: SnapshotParts = {}) =>
    short(successionOf(server('b', parts), ledger, policy()).pairs);

  it('are those that the server tells of, and those that earlier runs brought in, each once', () => {
    assert.deepEqual(inForce(emptyLedger), ['a→b']);
    const ledger = ledgerOf(
      { renewal: renewal('a', 'b'), state: 'settled' },
      { renewal: renewal('c', 'd'), state: 'settled' },
    );
    assert.deepEqual(inForce(ledger), ['a→b', 'c→d']);
    assert.deepEqual(inForce(ledger, { certificates: [] }), ['a→b', 'c→d']);
  });

  it('are facts, whatever was decided about single places', () => {
    const undone: EntryParts = { renewal: property('a', 'b'), state: 'undone', heldAt: [key as KeyText] };
    assert.deepEqual(inForce(ledgerOf(undone)), ['a→b']);
  });
});

function ledgerOf(...entries: readonly EntryParts[]): Ledger {
  const places = (state: EntryParts['state']) => (state === 'undone' ? { heldAt: [key as KeyText] } : {});
  return ledgerOfEntries(entries.map((entry) => ({ at: earlier, ...places(entry.state), ...entry })));
}
