import assert from 'node:assert/strict';
import { certificatesByThumbprint } from '../../../src/engine/known/renewal-pair.ts';
import type { Certificate } from '../../../src/model/certificates/certificate.ts';
import { certificate, thumbprintOf } from '../../builders/snapshot.ts';

type Parts = Partial<Pick<Certificate, 'key' | 'archived' | 'store'>>;

describe('of two entries of one certificate the fitter one comes first', () => {
  const rows: readonly (readonly [what: string, first: Parts, second: Parts])[] = [
    ['with a key that can be opened before one that cannot', { key: 'usable' }, { key: 'unusable' }],
    ['with a key before one without', { key: 'unusable' }, { key: 'missing' }],
    ['with a key of which nothing is known before one that cannot be opened', { key: 'unknown' }, { key: 'unusable' }],
    ['in use before archived', { archived: false }, { archived: true }],
    ['archived with a key before one in use without', { archived: true }, { archived: false, key: 'missing' }],
    ['in My before WebHosting', { store: 'My' }, { store: 'WebHosting' }],
    [
      'in My before WebHosting where nothing is known of a key',
      { store: 'My', key: 'unknown' },
      { store: 'WebHosting', key: 'usable' },
    ],
    [
      'in use before archived, whatever their stores are called',
      { store: 'WebHosting', archived: false },
      { store: 'My', archived: true },
    ],
  ];
  for (const [what, first, second] of rows)
    it(`${what}, in whatever order the stores are read`, () => {
      const [fitter, other] = [certificate('a', first), certificate('a', second)];
      for (const read of [
        [fitter, other],
        [other, fitter],
      ])
        assert.deepEqual(certificatesByThumbprint(read).get(thumbprintOf('a')), [fitter, other]);
    });
});
