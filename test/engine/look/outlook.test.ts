import assert from 'node:assert/strict';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import type { DoctorFacts } from '../../../src/engine/findings/facts.ts';
import type { Outlook } from '../../../src/engine/look/outlook.ts';
import { formatRecordKey, parseRecordKey } from '../../../src/kinds/record-key.ts';
import { certificate, policy, record, type SnapshotParts, site, sni } from '../../builders/snapshot.ts';
import { factsOf } from '../findings/facts.ts';

const shop = 'shop.example.com:443';
const excluded = policy({ exclude: { ...policy().exclude, records: [shop] } });

/** A site whose certificate is `shop`, on a server with these certificates. */
function shopWith(...certificates: SnapshotParts['certificates'] & {}): SnapshotParts {
  return { sites: [site('Shop', [sni('shop.example.com')])], records: [record(shop, 'shop')], certificates };
}

const renewed = shopWith(certificate('shop', { renewedTo: 'next' }), certificate('next'));

describe('the outlook of a place', () => {
  for (const [what, server, parts, is, exclusions] of [
    ['nothing follows', shopWith(certificate('shop')), {}, 'nothing-follows', 0],
    [
      'the new one is set',
      shopWith(certificate('before', { renewedTo: 'shop' }), certificate('shop')),
      {},
      'newest',
      0,
    ],
    ['its renewal is here', renewed, {}, 'moves', 0],
    ['its renewal is here, and no task starts CertRebind', { ...renewed, tasks: [] }, {}, 'off', 0],
    [
      'the new one lacks its name',
      shopWith(certificate('shop', { renewedTo: 'next' }), certificate('next', { names: ['www.example.org'] })),
      {},
      'blocked',
      0,
    ],
    [
      'the new one is not valid yet',
      shopWith(
        certificate('shop', { renewedTo: 'next' }),
        certificate('next', { notBefore: '2026-06-03T00:00:00.000Z' }),
      ),
      {},
      'waits',
      0,
    ],
    [
      'its certificate binding names no certificate',
      { ...renewed, records: [record(shop, null)] },
      {},
      'no-certificate',
      0,
    ],
    ['it is excluded, and its renewal is here', renewed, { configuration: excluded }, 'moves', 1],
    [
      'it is excluded, and nothing follows yet',
      shopWith(certificate('shop')),
      { configuration: excluded },
      'nothing-follows',
      1,
    ],
  ] as const satisfies readonly (readonly [string, SnapshotParts, Partial<DoctorFacts>, Outlook['is'], number])[])
    it(`is ${is} where ${what}`, () => {
      const key = formatRecordKey(parseRecordKey(shop, 'test'));
      const { outlook, excluded: found } = lookAt(factsOf(server, parts)).outlookAt(key);
      assert.deepEqual([outlook.is, found.length], [is, exclusions]);
    });
});
