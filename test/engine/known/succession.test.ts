import assert from 'node:assert/strict';
import fc from 'fast-check';
import { resolveChains } from '../../../src/engine/known/resolve-chains.ts';
import { type Succession, successionOf } from '../../../src/engine/known/succession.ts';
import { type EntryParts, ledgerOf } from '../../builders/ledger.ts';
import {
  certificate,
  logOf,
  policy,
  record,
  renewal,
  replaced,
  type SnapshotParts,
  snapshot,
  thumbprintOf,
} from '../../builders/snapshot.ts';
import { isSlow } from '../../support/slow.ts';
import { anyone, entry, labels, linkedServers } from '../plan/linked-servers.ts';

const labelOf = (thumbprint: string) => labels.find((label) => thumbprintOf(label) === thumbprint) ?? thumbprint;

function of(
  parts: SnapshotParts,
  entries: readonly EntryParts[] = [],
  successors: 'recorded' | 'same-names' = 'recorded',
) {
  return successionOf(snapshot(parts), ledgerOf(entries), policy({ successors }));
}

function followedBy(succession: Succession, label: string): string {
  const found = succession.successorOf(thumbprintOf(label));
  const among = (why: string, those: readonly string[]) => `${why}: ${those.map(labelOf).sort().join(' ')}`;
  switch (found.is) {
    case 'none':
      return 'none';
    case 'unclear':
      return among(
        found.why,
        found.candidates.map((link) => link.new),
      );
    case 'doubtful':
      return among(
        found.why,
        found.candidates.map(({ thumbprint }) => thumbprint),
      );
    default:
      return `${found.is} ${labelOf(found.renewal.new)}`;
  }
}

describe('what follows a certificate', () => {
  const byName = (label: string, notBefore: string, notAfter = '2027-06-01T00:00:00.000Z') =>
    certificate(label, { notBefore, notAfter });
  const alike = { records: [record('shop.example.com:443', 'a')] };

  for (const [what, parts, entries, expected] of [
    ['is not known where nothing tells', { certificates: [certificate('a')] }, [], 'none'],
    [
      'is the end of the way',
      { certificates: [certificate('a', { renewedTo: 'b' }), certificate('b', { renewedTo: 'c' })] },
      [],
      'known c',
    ],
    ['is what an event of the system names', { lifecycle: logOf(replaced(1, 'a', 'b')) }, [], 'known b'],
    [
      'is not what anybody may have written',
      { lifecycle: logOf(replaced(1, 'a', 'b', { userId: anyone })) },
      [],
      'none',
    ],
    [
      'does not end with what anybody may have written',
      { lifecycle: logOf(replaced(1, 'a', 'b'), replaced(2, 'b', 'c', { userId: anyone })) },
      [],
      'known b',
    ],
    [
      'is not clear where two ends have no order',
      { certificates: [certificate('a', { renewedTo: 'b' })], lifecycle: logOf(replaced(1, 'a', 'c')) },
      [],
      'two-ends: b c',
    ],
    ['is what a person gave', {}, [entry('a', 'b')], 'known b'],
    [
      'is still what a person gave, where that was undone at one place',
      {},
      [entry('a', 'b', { heldAt: alike.records.map(({ key }) => key) })],
      'known b',
    ],
    [
      'is what an event tells before that',
      { lifecycle: logOf(replaced(1, 'a', 'c')) },
      [entry('a', 'b', { heldAt: alike.records.map(({ key }) => key) })],
      'known c',
    ],
    [
      'is still what a run took by its names, when the old one is in no store any more',
      {},
      [entry('a', 'b', { renewal: renewal('a', 'b', { source: 'same-names' }) })],
      'known b',
    ],
    [
      'is not what led back to what it replaced',
      { certificates: [certificate('b', { renewedTo: 'a' })] },
      [entry('a', 'b', { renewal: renewal('a', 'b', { source: 'same-names' }) })],
      'none',
    ],
  ] as const satisfies readonly (readonly [string, SnapshotParts, readonly EntryParts[], string])[])
    it(what, () => assert.equal(followedBy(of(parts, entries), 'a'), expected));

  it('is later, where it was issued anew and ends before', () => {
    const certificates = [
      byName('a', '2026-01-01T00:00:00.000Z'),
      byName('b', '2026-06-01T11:00:00.000Z', '2026-12-01T00:00:00.000Z'),
    ];
    assert.equal(followedBy(of({ ...alike, certificates }, [], 'same-names'), 'a'), 'later b');
    assert.equal(followedBy(of({ ...alike, certificates }), 'a'), 'none');
  });

  it('is not clear where its names fit two that were issued together', () => {
    const certificates = [
      byName('a', '2026-01-01T00:00:00.000Z', '2026-08-01T00:00:00.000Z'),
      byName('b', '2026-06-01T11:00:00.000Z'),
      byName('c', '2026-06-01T11:10:00.000Z'),
    ];
    assert.equal(followedBy(of({ ...alike, certificates }, [], 'same-names'), 'a'), 'issued-together: b c');
  });

  it('is for a plan and for every view the same, and never itself followed by another, for thousands of servers', () => {
    const numRuns = isSlow ? 10_000 : 1000;
    let known = 0;
    fc.assert(
      fc.property(linkedServers, ({ parts, entries }) => {
        const ledger = ledgerOf(entries);
        const succession = successionOf(snapshot(parts), ledger, policy());
        const closed = resolveChains(succession.links);
        const ends = new Map(closed.renewals.flatMap((one) => (one.corroborated ? [[one.old, one] as const] : [])));
        for (const thumbprint of labels.map(thumbprintOf)) {
          const found = succession.successorOf(thumbprint);
          const end = ends.get(thumbprint);
          if (end !== undefined) assert.deepEqual(found, { is: 'known', renewal: end });
          if (found.is !== 'known') continue;
          known += 1;
          assert.ok(found.renewal.corroborated);
          assert.notEqual(succession.successorOf(found.renewal.new).is, 'known');
          assert.ok(succession.replacedBy(found.renewal.new).has(thumbprint));
        }
      }),
      { numRuns },
    );
    assert.ok(known > numRuns, `${known}`);
  });
});

describe('what a certificate replaced', () => {
  it('is everything on the ways to it, what runs brought in included', () => {
    const certificates = [certificate('b', { renewedTo: 'c' })];
    const succession = of({ certificates }, [
      entry('a', 'b', { renewal: renewal('a', 'b', { source: 'same-names' }) }),
    ]);
    assert.deepEqual([...succession.replacedBy(thumbprintOf('c'))].map(labelOf).sort(), ['a', 'b']);
  });

  it('is directly what ended last', () => {
    const ending = (label: string, notAfter: string) => certificate(label, { notAfter, renewedTo: 'c' });
    const certificates = [
      certificate('c', { notBefore: '2026-05-01T00:00:00.000Z' }),
      ending('a', '2026-07-01T00:00:00.000Z'),
      ending('b', '2026-06-01T00:00:00.000Z'),
    ];
    const { predecessorOf } = of({ certificates }, [entry('gone', 'c')]);
    assert.equal(predecessorOf(thumbprintOf('c'))?.renewal.old, thumbprintOf('a'));
    assert.equal(predecessorOf(thumbprintOf('a')), null);
  });
});
