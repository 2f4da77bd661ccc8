import assert from 'node:assert/strict';
import { inUse } from '../../../src/engine/views/in-use.ts';
import { parseBinding } from '../../../src/kinds/iis/binding.ts';
import {
  certificate,
  https,
  policy,
  record,
  type SnapshotParts,
  site,
  snapshot,
  sni,
  thumbprintOf,
} from '../../builders/snapshot.ts';

const web = site('Web', [parseBinding('http', '*:80:', 0)]);
const shop = site('Shop', [parseBinding('http', '*:80:shop.example.com', 0), sni('shop.example.com')]);
const mail = site('Mail', [https('*:8443:')]);
const files = site('Files', [parseBinding('ftp', '*:21:', 0)]);
const ftps = [{ site: 'Files', thumbprint: thumbprintOf('ftp'), store: 'My' }];
const records = [record('shop.example.com:443', 'shop'), record('0.0.0.0:8443', 'mail')];

/** The number of sites, the labels of the certificates, and which ends next in how many days. */
function seen(server: SnapshotParts, isFtpMoved = false) {
  const { holders } = policy();
  const found = inUse(
    snapshot(server),
    policy({ holders: { ...holders, ftp: { ...holders.ftp, policy: isFtpMoved ? 'replace' : 'report' } } }),
  );
  const labelOf = (thumbprint: string) =>
    ['shop', 'mail', 'ftp', 'unused'].find((label) => thumbprintOf(label) === thumbprint) ?? thumbprint;
  assert.equal(found.certificates, found.thumbprints.length);
  assert.deepEqual(found.thumbprints, found.thumbprints.toSorted());
  return {
    sites: found.sites,
    labels: found.thumbprints.map(labelOf).sort(),
    next: found.nextEnd === null ? null : `${labelOf(found.nextEnd.thumbprint)} in ${found.nextEnd.daysLeft}`,
  };
}

const rows: readonly (readonly [string, Parameters<typeof seen>, ReturnType<typeof seen>])[] = [
  ['nothing on a server without IIS', [{}], { sites: 0, labels: [], next: null }],
  [
    'the sites with TLS and their certificates, no other site, and nothing of FTP while that is only reported',
    [{ sites: [web, shop, mail, files], records, ftps }],
    { sites: 2, labels: ['mail', 'shop'], next: null },
  ],
  [
    'an FTP site too once that is moved',
    [{ sites: [web, shop, mail, files], records, ftps }, true],
    { sites: 3, labels: ['ftp', 'mail', 'shop'], next: null },
  ],
  [
    'no site without its record, or whose record names no certificate',
    [{ sites: [shop, mail], records: [record('0.0.0.0:8443', null)] }],
    { sites: 0, labels: [], next: null },
  ],
  [
    'one certificate under two sites once',
    [{ sites: [shop, mail], records: records.map(({ key }) => record(key, 'shop')) }],
    { sites: 2, labels: ['shop'], next: null },
  ],
  [
    'the certificate in use that ends next, not one that nobody uses; begun days do not count',
    [
      {
        sites: [shop, mail],
        records,
        certificates: [
          certificate('mail', { notAfter: '2026-12-01T00:00:00.000Z' }),
          certificate('unused', { notAfter: '2026-06-02T00:00:00.000Z' }),
          certificate('shop', { notAfter: '2026-06-11T11:59:59.000Z' }),
        ],
      },
    ],
    { sites: 2, labels: ['mail', 'shop'], next: 'shop in 9' },
  ],
  [
    'a certificate that has ended, with the days since',
    [{ sites: [shop], records, certificates: [certificate('shop', { notAfter: '2026-05-30T12:00:00.000Z' })] }],
    { sites: 1, labels: ['shop'], next: 'shop in -2' },
  ],
];

describe('what a server uses', () => {
  for (const [what, given, expected] of rows) it(what, () => assert.deepEqual(seen(...given), expected));

  it('names the end of the next certificate as it stands in it', () => {
    const ends = '2026-06-11T11:59:59.000Z';
    const server = snapshot({ sites: [shop], records, certificates: [certificate('shop', { notAfter: ends })] });
    assert.deepEqual(inUse(server, policy()).nextEnd, {
      thumbprint: thumbprintOf('shop'),
      notAfter: ends,
      daysLeft: 9,
    });
  });
});
