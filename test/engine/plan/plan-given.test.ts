import assert from 'node:assert/strict';
import { emptyLedger } from '../../../src/documents/runs/ledger.ts';
import { planGiven } from '../../../src/engine/plan/plan-rebind.ts';
import { unknownParts } from '../../../src/kinds/unknown-parts.ts';
import { withArrived } from '../../../src/model/certificates/certificate-with-key.ts';
import {
  certificate,
  https,
  policy,
  record,
  renewal,
  type SnapshotParts,
  site,
  snapshot,
  thumbprintOf,
} from '../../builders/snapshot.ts';

const shop = { sites: [site('Shop', [https('*:443:')])], records: [record('0.0.0.0:443', 'shop')] };
const planOn = (parts: SnapshotParts) => () =>
  planGiven(
    {
      snapshot: snapshot({ ...shop, ...parts }),
      renewals: [renewal('zero', 'next')],
      configuration: policy(),
      ledger: emptyLedger,
    },
    '--old',
  );

describe('a pair that a person named', () => {
  it('is refused where nothing of the old certificate is known, which was mistyped then', () => {
    assert.throws(planOn({ certificates: [certificate('shop'), certificate('next')] }), {
      code: 'no-such-certificate',
      exitCode: 2,
      where: '--old',
    });
  });

  for (const [where, parts] of [
    ['the old certificate is in a store', { certificates: [certificate('zero')] }],
    ['a record holds the old certificate', { records: [record('0.0.0.0:443', 'zero')] }],
    ['a record holds the new certificate already', { records: [record('0.0.0.0:443', 'next')] }],
    [
      'another product holds the old certificate',
      { others: [{ thumbprint: thumbprintOf('zero').toLowerCase(), consumer: { kind: 'sstp', detail: '' } }] },
    ],
    ['other products could not be read', { notLookedAt: unknownParts('not-read', ['others']) }],
    [
      'a record could not be read',
      { unreadable: [{ part: 'records', where: '0.0.0.0:8443', text: '', why: 'It is torn.' }] },
    ],
  ] as const satisfies readonly (readonly [string, SnapshotParts])[])
    it(`is planned where ${where}`, () => assert.doesNotThrow(planOn(parts)));
});

describe('the stores as they will be once a certificate is imported', () => {
  const arriving = certificate('next');
  const [keyless, elsewhere, other] = [
    certificate('next', { key: 'missing' }),
    certificate('next', { store: 'WebHosting' }),
    certificate('other'),
  ];
  for (const [what, before, after] of [
    ['has it besides', [other], [other, arriving]],
    ['has it in place of the entry without a key', [keyless, other], [other, arriving]],
    ['has it besides the one in another store', [elsewhere], [elsewhere, arriving]],
    ['is the same where it was there', [arriving, other], [arriving, other]],
  ] as const)
    it(what, () => assert.deepEqual(withArrived(before, arriving), after));
});
