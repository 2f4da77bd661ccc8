import assert from 'node:assert/strict';
import {
  certificateInWords,
  certificatesOfPlan,
  namedCertificates,
} from '../../../src/engine/known/named-certificates.ts';
import { byThumbprint, renewalText } from '../../../src/model/certificates/named-certificate.ts';
import { parseThumbprint } from '../../../src/model/certificates/thumbprint.ts';
import { certificate, record, renewal, snapshot, thumbprintOf } from '../../builders/snapshot.ts';
import { removeStep, restoreStep } from '../../builders/steps.ts';
import { each } from '../../support/each.ts';

const names = ['shop.example.com', 'www.example.com'];

function textOf(old: Parameters<typeof certificate>[1] | null, successor: Parameters<typeof certificate>[1] | null) {
  const certificates = [
    ...(old === null ? [] : [certificate('old', { names, ...old })]),
    ...(successor === null ? [] : [certificate('new', { names, notAfter: '2027-11-25T10:00:00.000Z', ...successor })]),
  ];
  const named = namedCertificates({ certificates, holders: [] }, [thumbprintOf('old'), thumbprintOf('new')]);
  return renewalText(renewal('old', 'new'), byThumbprint(named));
}

describe('certificates in words', () => {
  const short = (label: string) => thumbprintOf(label).slice(0, 8);
  const table: readonly (readonly [string, () => string, string])[] = [
    ['the same names', () => textOf({}, {}), 'shop.example.com (Test CA), ends 2027-01-01 → 2027-11-25'],
    [
      'a name less',
      () => textOf({}, { names: ['shop.example.com'] }),
      'shop.example.com (Test CA), ends 2027-01-01 → 2027-11-25, 1 name lost',
    ],
    [
      'a wildcard that covers what is gone',
      () => textOf({}, { names: ['shop.example.com', '*.example.com'] }),
      'shop.example.com (Test CA), ends 2027-01-01 → 2027-11-25, 1 name added',
    ],
    [
      'an address less and a name more',
      () => textOf({ ipAddresses: ['192.0.2.1'] }, { names: [...names, 'b.example.com'] }),
      'shop.example.com (Test CA), ends 2027-01-01 → 2027-11-25, 1 name lost, 1 name added',
    ],
    [
      'another issuer',
      () => textOf({}, { issuer: 'CN=Issuing\\, CA 2, O=Example' }),
      'shop.example.com (Test CA → Issuing, CA 2), ends 2027-01-01 → 2027-11-25',
    ],
    [
      'another name',
      () => textOf({}, { names: ['www.example.com', 'shop.example.com'] }),
      'shop.example.com (Test CA) → www.example.com (Test CA), ends 2027-01-01 → 2027-11-25',
    ],
    [
      'the old one is gone',
      () => textOf(null, {}),
      `${short('old')} (not on this server) → shop.example.com (Test CA), ends 2027-11-25`,
    ],
    ['both are gone', () => textOf(null, null), `${short('old')} → ${short('new')}`],
    [
      'nobody is named',
      () => textOf({ names: [], commonName: null, subject: '', issuer: '' }, null),
      `a certificate without a name → ${short('new')} (not on this server), ends 2027-01-01`,
    ],
    [
      'a friendly name where no host is',
      () => textOf({ names: [], commonName: null, friendlyName: 'Old shop' }, null),
      `Old shop (Test CA) → ${short('new')} (not on this server), ends 2027-01-01`,
    ],
    [
      'a common name in capitals that is not the first of the names',
      () => textOf({ names: ['a.example.com', 'shop.example.com'], commonName: 'SHOP.example.com' }, null),
      `shop.example.com (Test CA) → ${short('new')} (not on this server), ends 2027-01-01`,
    ],
    [
      'no common name',
      () => textOf({ names: ['a.example.com', 'b.example.com'], commonName: null }, null),
      `a.example.com (Test CA) → ${short('new')} (not on this server), ends 2027-01-01`,
    ],
    [
      'an issuer without a common name',
      () => textOf({ issuer: 'O=Example, C=DE' }, null),
      `shop.example.com (O=Example, C=DE) → ${short('new')} (not on this server), ends 2027-01-01`,
    ],
  ];
  for (const [situation, said, wanted] of table) it(situation, () => assert.equal(said(), wanted));

  it('have as many digits as tell them from every other one of the server, of records too', () => {
    const [one, two, three] = ['AB', 'ABC', 'ABCDABCDEF'].map((digits) =>
      parseThumbprint(digits.padEnd(40, '0'), 'test'),
    );
    const server = snapshot({
      certificates: [one, two].map((thumbprint) => ({
        ...certificate('x'),
        thumbprint: thumbprint ?? thumbprintOf('x'),
      })),
      records: [{ ...record('a.example.com:443', 'x'), thumbprint: three ?? null }],
    });
    const shorts = namedCertificates(server, [one ?? null, two ?? null]).map((named) => named.short);
    assert.deepEqual(shorts, ['AB000000', 'ABC00000']);
    const near = parseThumbprint(`ABC00000${'1'.repeat(32)}`, 'test');
    const crowded = snapshot({ ...server, records: [{ ...record('a.example.com:443', 'x'), thumbprint: near }] });
    assert.deepEqual(
      namedCertificates(crowded, [two ?? null]).map((named) => named.short),
      ['ABC000000'],
    );
    const known = [near, one, two].map((thumbprint) => ({
      ...certificate('x'),
      thumbprint: thumbprint ?? thumbprintOf('x'),
    }));
    assert.deepEqual(
      namedCertificates({ certificates: known, holders: [] }, [near]).map((named) => named.short),
      ['ABC000001'],
      'the nearest one lies before it',
    );
  });

  it('are those of a plan: of its renewals, and of what its steps find and leave, each once', () => {
    const labels = ['old', 'new', 'found', 'wanted', 'removed'];
    const known = { certificates: [...labels, 'other', 'old'].map((label) => certificate(label)), holders: [] };
    const steps = [
      restoreStep(1, record('a.example.com:443', 'wanted'), record('a.example.com:443', 'found')),
      removeStep(2, record('b.example.com:443', 'removed')),
      restoreStep(3, record('c.example.com:443', 'gone')),
    ];
    const named = certificatesOfPlan(known, { renewals: [renewal('old', 'new')], steps });
    assert.deepEqual(each(named, 'thumbprint'), labels.map(thumbprintOf).sort());
    assert.deepEqual(certificatesOfPlan(known, { renewals: [], steps: [] }), []);
  });

  for (const [what, issuer, said] of [
    ['with its issuer and the beginning of its thumbprint', 'CN=Issuing CA 2', 'Issuing CA 2, '],
    ['with the beginning of its thumbprint alone where no issuer is named', '', ''],
  ] as const)
    it(`stand in a sentence ${what}`, () =>
      assert.equal(certificateInWords(certificate('shop', { issuer })), `shop.example.com (${said}${short('shop')})`));
});
