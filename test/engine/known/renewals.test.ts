import assert from 'node:assert/strict';
import fc from 'fast-check';
import { renewalsFromEvents, renewalsFromProperties } from '../../../src/engine/known/renewals.ts';
import { resolveChains } from '../../../src/engine/known/resolve-chains.ts';
import type { Renewal } from '../../../src/model/certificates/renewal.ts';
import { certificate, logOf, renewal, replaced, snapshot, thumbprintOf } from '../../builders/snapshot.ts';
import { each } from '../../support/each.ts';

const person = 'S-1-5-21-1-2-3-1104';
const event = (old: string, successor: string, eventRecordId: number, corroborated = true) =>
  renewal(old, successor, { source: 'event', eventRecordId, corroborated });
const property = (old: string, successor: string) => renewal(old, successor, { source: 'renewal-property' });
const likeness = (old: string, successor: string) => renewal(old, successor, { source: 'same-names' });

describe('renewals from events', () => {
  it('name both certificates and the record number', () => {
    const server = snapshot({ lifecycle: logOf(replaced(8, 'a', 'b')) });
    assert.deepEqual(renewalsFromEvents(server), [event('a', 'b', 8)]);
  });

  it('are corroborated by SYSTEM, an administrator, or the old certificate, and by nobody else', () => {
    const server = snapshot({
      certificates: [certificate('c', { renewedTo: 'd', archived: true })],
      lifecycle: logOf(
        replaced(1, 'a', 'b', { userId: 'S-1-5-21-1-2-3-500' }),
        replaced(2, 'a', 'c', { userId: person }),
        replaced(3, 'c', 'd', { userId: person }),
        replaced(4, 'c', 'e', { userId: person }),
        replaced(5, 'e', 'f', { userId: null }),
      ),
    });
    assert.deepEqual(each(renewalsFromEvents(server), 'corroborated'), [true, false, true, false, false]);
  });

  it('are only those of event 1001 with two readable, different thumbprints', () => {
    const unreadable = { thumbprint: null, template: null, names: [], ekus: [], notAfter: null };
    const server = snapshot({
      lifecycle: logOf(
        replaced(1, 'a', 'b', { eventId: 1006 }),
        replaced(2, 'a', 'b', { old: null }),
        replaced(3, 'a', 'b', { new: unreadable }),
        replaced(4, 'a', 'a'),
      ),
    });
    assert.deepEqual(renewalsFromEvents(server), []);
  });

  it('are of one event when its number is given', () => {
    const server = snapshot({ lifecycle: logOf(replaced(1, 'a', 'b'), replaced(2, 'c', 'd')) });
    assert.deepEqual(renewalsFromEvents(server, 2), [event('c', 'd', 2)]);
    assert.deepEqual(renewalsFromEvents(server, 3), []);
  });
});

describe('renewals from properties', () => {
  it('are taken from archived certificates and from both stores, each pair once', () => {
    const server = snapshot({
      certificates: [
        certificate('a', { renewedTo: 'b', archived: true }),
        certificate('a', { renewedTo: 'b', store: 'WebHosting' }),
        certificate('b'),
        certificate('self', { renewedTo: 'self' }),
      ],
    });
    assert.deepEqual(renewalsFromProperties(server), [property('a', 'b')]);
  });
});

describe('closing renewals', () => {
  it('gives A→C and B→C for A→B and B→C, each under the event that named its old certificate', () => {
    assert.deepEqual(resolveChains([event('a', 'b', 1), event('b', 'c', 2)]), {
      renewals: [event('a', 'c', 1), event('b', 'c', 2)].sort(byOld),
      unresolved: [],
      notes: [],
    });
  });

  it('joins an event and a property of the same pair into one', () => {
    assert.deepEqual(resolveChains([property('a', 'b'), event('a', 'b', 7)]).renewals, [event('a', 'b', 7)]);
  });

  it('takes the later of two events, whatever their order in the list', () => {
    for (const links of [
      [event('a', 'b', 1), event('a', 'c', 2)],
      [event('a', 'c', 2), event('a', 'b', 1)],
    ]) {
      const { renewals, notes } = resolveChains(links);
      assert.deepEqual(renewals, [event('a', 'c', 2)]);
      assert.deepEqual(each(notes, 'code'), ['later-event-wins']);
    }
  });

  it('sees no conflict where both ways lead to the same end', () => {
    const { renewals, unresolved, notes } = resolveChains([property('a', 'c'), event('a', 'b', 1), property('b', 'c')]);
    assert.deepEqual(
      renewals.map((link) => link.new),
      [thumbprintOf('c'), thumbprintOf('c')],
    );
    assert.deepEqual([unresolved, notes], [[], []]);
  });

  it('leaves two ends without an order open, and all that leads there', () => {
    const { renewals, unresolved } = resolveChains([property('z', 'a'), property('a', 'b'), event('a', 'c', 1)]);
    assert.deepEqual(renewals, []);
    assert.deepEqual(
      new Set(unresolved.map(({ old, why }) => `${old} ${why}`)),
      new Set([`${thumbprintOf('a')} two-ends`, `${thumbprintOf('z')} two-ends`]),
    );
  });

  it('calls a fork a circle where one way leads into one, whatever the other leads to', () => {
    for (const n of '123456') {
      const circle = [property(`p${n}`, `q${n}`), property(`q${n}`, `p${n}`)];
      const twoEnds = [property(`a${n}`, 'b'), event(`a${n}`, 'c', 1)];
      const fork = [property('z', `a${n}`), event('z', `p${n}`, 2)];
      const { unresolved } = resolveChains([...fork, ...circle, ...twoEnds]);
      assert.equal(unresolved.find(({ old }) => old === thumbprintOf('z'))?.why, 'circle');
    }
  });

  it('lets a person’s word stand against everything else', () => {
    assert.deepEqual(resolveChains([event('a', 'b', 9), property('a', 'c'), renewal('a', 'd')]).renewals, [
      renewal('a', 'd'),
    ]);
  });

  it('prefers what Windows recorded to likeness', () => {
    assert.deepEqual(resolveChains([likeness('a', 'b'), property('a', 'c')]).renewals, [property('a', 'c')]);
  });

  it('calls a chain with likeness in it likeness, so that the guards against older certificates hold', () => {
    assert.equal(resolveChains([property('a', 'b'), likeness('b', 'c')]).renewals.at(0)?.source, 'same-names');
    assert.equal(resolveChains([property('a', 'b'), likeness('b', 'c')]).renewals.at(1)?.source, 'same-names');
  });

  it('lets a forged event neither divert, extend, nor close in a circle what is corroborated', () => {
    for (const forged of [event('a', 'x', 9, false), event('b', 'x', 9, false), event('b', 'a', 9, false)]) {
      const { renewals } = resolveChains([event('a', 'b', 1), forged]);
      assert.deepEqual(
        renewals.find(({ old }) => old === thumbprintOf('a')),
        event('a', 'b', 1),
      );
    }
  });

  it('calls a chain that starts with a doubtful link doubtful', () => {
    const { renewals } = resolveChains([event('a', 'b', 1, false), property('b', 'c')]);
    assert.deepEqual(
      renewals.find(({ old }) => old === thumbprintOf('a')),
      event('a', 'c', 1, false),
    );
  });

  it('goes on behind a corroborated stretch of a doubtful chain', () => {
    const { renewals } = resolveChains([event('a', 'b', 1, false), property('b', 'c'), event('c', 'd', 2, false)]);
    assert.deepEqual(
      renewals.find(({ old }) => old === thumbprintOf('a')),
      event('a', 'd', 1, false),
    );
    assert.deepEqual(
      renewals.find(({ old }) => old === thumbprintOf('b')),
      property('b', 'c'),
    );
  });

  it('follows twenty links and refuses twenty-one', () => {
    const links = Array.from({ length: 21 }, (_, index) => property(`link ${index}`, `link ${index + 1}`));
    const { renewals, unresolved } = resolveChains(links);
    assert.deepEqual(each(unresolved, 'old', 'why'), [[thumbprintOf('link 0'), 'too-long']]);
    assert.equal(renewals.length, 20);
  });

  it('survives a chain of any length', () => {
    const links = Array.from({ length: 20_000 }, (_, index) => property(`link ${index}`, `link ${index + 1}`));
    assert.equal(resolveChains(links).renewals.length, 20);
  });

  it('leaves no chain, no circle and no second end, and does not depend on order', () => {
    fc.assert(
      fc.property(linkLists(), fc.func(fc.nat()), (links, weight) => {
        const closed = resolveChains(links);
        const olds = closed.renewals.map(({ old }) => old);
        assert.equal(new Set(olds).size, olds.length);
        for (const trusted of [true, false]) {
          const among = closed.renewals.filter(({ corroborated }) => corroborated === trusted);
          const starts = new Set(among.map(({ old }) => old));
          for (const link of among) assert.ok(!starts.has(link.new) || link.old === link.new, 'a chain is left');
        }
        assert.ok(closed.renewals.every((link) => link.old !== link.new));
        assert.deepEqual(resolveChains(links.toSorted((a, b) => weight(a) - weight(b))), closed);
      }),
      { numRuns: 1000 },
    );
  });

  it('decides about every old certificate exactly once', () => {
    fc.assert(
      fc.property(linkLists(), (links) => {
        const { renewals, unresolved } = resolveChains(links);
        const decided = [...renewals, ...unresolved].map(({ old }) => old).sort();
        assert.deepEqual(decided, [...new Set(links.map(({ old }) => old))].sort());
      }),
    );
  });
});

function byOld(a: Renewal, b: Renewal): number {
  return a.old < b.old ? -1 : 1;
}

/** Links between a handful of certificates, so that chains, forks and circles are common. */
function linkLists(): fc.Arbitrary<readonly Renewal[]> {
  const label = fc.constantFrom(...'abcdef');
  const link = fc.tuple(label, label, fc.constantFrom('event', 'property', 'names', 'given', 'doubtful'), fc.nat(20));
  return fc.array(link, { maxLength: 12 }).map((links) => {
    const ids = new Set<number>();
    return links.flatMap(([old, successor, source, id]) => {
      if (old === successor) return [];
      if (source === 'property') return [property(old, successor)];
      if (source === 'names') return [likeness(old, successor)];
      if (source === 'given') return [renewal(old, successor)];
      // A log gives each number once.
      if (ids.has(id)) return [];
      ids.add(id);
      return [event(old, successor, id, source === 'event')];
    });
  });
}
