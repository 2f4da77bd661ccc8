import assert from 'node:assert/strict';
import { lineageOf } from '../../../src/model/certificates/renewal.ts';
import { renewal, thumbprintOf } from '../../builders/snapshot.ts';

describe('a certificate', () => {
  for (const [what, links, successor, replaced] of [
    ['replaces nothing that no renewal names', [['a', 'b']], 'a', []],
    [
      'replaces what its renewals name',
      [
        ['a', 'c'],
        ['b', 'c'],
      ],
      'c',
      ['a', 'b'],
    ],
    [
      'replaces what that had replaced',
      [
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'd'],
      ],
      'd',
      ['a', 'b', 'c'],
    ],
    [
      'does not replace its successor',
      [
        ['a', 'b'],
        ['b', 'c'],
      ],
      'b',
      ['a'],
    ],
    [
      'does not replace itself in a circle',
      [
        ['a', 'b'],
        ['b', 'a'],
      ],
      'b',
      ['a'],
    ],
  ] as const)
    it(what, () => {
      const lineage = lineageOf(links.map(([old, next]) => renewal(old, next)));
      for (const _ of ['first', 'again'])
        assert.deepEqual([...lineage(thumbprintOf(successor))].sort(), replaced.map(thumbprintOf).sort());
    });

  it('replaces nothing that only an event of any account names', () => {
    const forged = renewal('a', 'b', { source: 'event', corroborated: false, eventRecordId: 1 });
    assert.deepEqual([...lineageOf([forged, renewal('b', 'c')])(thumbprintOf('c'))], [thumbprintOf('b')]);
  });
});
