import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { parseCertificate } from '../../../src/model/certificates/certificate.ts';
import { type AuthorityStores, chainBuilder } from '../../../src/model/certificates/certificate-chain.ts';
import { parseThumbprint } from '../../../src/model/certificates/thumbprint.ts';
import { evaluateTrust } from '../../../src/model/certificates/trust.ts';
import type { TrustList, TrustListEntry } from '../../../src/model/certificates/trust-list.ts';
import { certificateDer, type DerParts, element, oid, sequence } from '../../builders/certificate-der.ts';
import { each } from '../../support/each.ts';

const asOf = Date.parse('2026-06-01T00:00:00Z');
const hash = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest('hex').toUpperCase();
const made = (subject: string, issuer: string, parts: Partial<DerParts> = {}) =>
  certificateDer({
    subject,
    issuer,
    names: [],
    notBefore: '2020-01-01T00:00:00Z',
    notAfter: '2040-01-01T00:00:00Z',
    ekus: null,
    keyType: 'ed25519',
    seed: subject,
    authority: true,
    signedBy: issuer,
    ...parts,
  });
const authorityKey = element(0x30, element(0x80, Buffer.from('0A0B', 'hex')));
const root = made('Root', 'Root');
const issuing = made('Issuing', 'Root', {
  more: [['2.5.29.35', authorityKey]],
  organisations: ['Example, Inc.', null],
});
const leaf = made('leaf', 'Issuing', { authority: false, organisations: [null, 'Example, Inc.'] });
const thumbprint = (der: Uint8Array) => parseThumbprint(hash('sha1', der), 'test');

const empty: AuthorityStores = {
  authorities: [],
  fetched: [],
  disallowed: [],
  publicRoots: null,
  disallowedList: null,
  revocationLists: [],
  updatedAt: null,
  updatesOff: false,
};
const stored = [
  { der: root, store: 'Root' },
  { der: issuing, store: 'CA' },
] as const;
const entryOf = (der: Buffer, parts: Partial<TrustListEntry> = {}): TrustListEntry => ({
  identifier: hash('sha1', der),
  subjectName: '',
  keyIdentifier: '',
  trusted: { forServers: true },
  ...parts,
});
const published = (...entries: readonly TrustListEntry[]): TrustList => ({
  publishedAt: '2026-05-01T00:00:00.000Z',
  entry: (wanted) => entries.find(({ identifier }) => identifier === wanted) ?? null,
  withSubject: (hash) => entries.filter(({ subjectName }) => subjectName === hash),
});

function judge(stores: Partial<AuthorityStores>, der = leaf) {
  const chains = chainBuilder({ ...empty, authorities: stored, ...stores }, asOf);
  const chain = chains.chainOf(der);
  const trust = chains.trust();
  const properties = { store: 'My', key: 'usable', archived: false, renewedTo: null, friendlyName: null } as const;
  const vouched = evaluateTrust(trust, asOf)({ ...parseCertificate(der, properties), ...chain });
  return { chain, trust, anchor: vouched.anchor, vouched };
}

describe('the authorities above a certificate', () => {
  it('are those whose key verifies, with all above them', () => {
    const { chain, trust } = judge({});
    assert.deepEqual(chain.issuedBy, [thumbprint(issuing)]);
    assert.deepEqual(each(trust.authorities, 'subject', 'organisation', 'issuedBy'), [
      ['CN=Issuing, O=Example\\, Inc.', 'Example, Inc.', [thumbprint(root)]],
      ['CN=Root', null, [thumbprint(root)]],
    ]);
  });

  it('are not one of the same name that did not sign it', () => {
    const forged = made('leaf', 'Issuing', {
      authority: false,
      signedBy: 'somebody',
      organisations: [null, 'Example, Inc.'],
    });
    assert.deepEqual(judge({}, forged).chain.issuedBy, []);
    assert.equal(judge({}, forged).anchor, 'unknown');
  });

  it('are every one that did', () => {
    const across = made('Issuing', 'Elsewhere', { organisations: ['Example, Inc.', null] });
    const { chain } = judge({ authorities: [...stored, { der: across, store: 'CA' }] });
    assert.deepEqual(new Set(chain.issuedBy), new Set([thumbprint(issuing), thumbprint(across)]));
  });

  it('are no trouble where they signed each other', () => {
    const [one, other] = [made('One', 'Other'), made('Other', 'One')];
    const circle = [one, other].map((der) => ({ der, store: 'CA' as const }));
    assert.equal(judge({ authorities: circle }, made('leaf', 'One', { authority: false })).anchor, 'none');
  });
});

describe('what the machine says of a root', () => {
  const anchors: Readonly<Record<string, readonly [Partial<AuthorityStores>, string]>> = {
    'in Root': [{}, 'private'],
    'in Root, and fetched by Windows': [{ fetched: [thumbprint(root)] }, 'public'],
    'in Root and in the list': [{ publicRoots: published(entryOf(root)) }, 'public'],
    'in Root, and in a list that has nothing for servers': [
      { publicRoots: published(entryOf(root, { trusted: { forServers: false } })) },
      'none',
    ],
    'in Root, and in a list whose trust has ended': [
      { publicRoots: published(entryOf(root, { trusted: { forServers: true, endsAt: '2026-01-01T00:00:00.000Z' } })) },
      'none',
    ],
    'in Root, and in a list that does not trust later certificates': [
      {
        publicRoots: published(entryOf(root, { trusted: { forServers: true, distrustsFrom: '2019-01-01T00:00:00Z' } })),
      },
      'none',
    ],
    'in Root, and in a list that does not trust what was issued from that moment on': [
      {
        publicRoots: published(entryOf(root, { trusted: { forServers: true, distrustsFrom: '2020-01-01T00:00:00Z' } })),
      },
      'none',
    ],
    'in Root, and in a list that trusts what was issued a second before': [
      {
        publicRoots: published(entryOf(root, { trusted: { forServers: true, distrustsFrom: '2020-01-01T00:00:01Z' } })),
      },
      'public',
    ],
    'in CA only': [
      { authorities: stored.map((one) => ({ ...one, store: 'CA' as const })), publicRoots: published() },
      'none',
    ],
    'in CA only, without a list': [{ authorities: stored.map((one) => ({ ...one, store: 'CA' as const })) }, 'unknown'],
    'in CA only, with an old list': [
      {
        authorities: stored.map((one) => ({ ...one, store: 'CA' as const })),
        publicRoots: published(),
        updatedAt: '2026-02-01T00:00:00.000Z',
      },
      'unknown',
    ],
    'in CA only, with a list of no readable time': [
      {
        authorities: stored.map((one) => ({ ...one, store: 'CA' as const })),
        publicRoots: { ...published(), publishedAt: 'no time' },
      },
      'unknown',
    ],
    'in CA and in the list': [
      { authorities: stored.map((one) => ({ ...one, store: 'CA' as const })), publicRoots: published(entryOf(root)) },
      'public',
    ],
    'in CA and in the list, which must not be used': [
      {
        authorities: stored.map((one) => ({ ...one, store: 'CA' as const })),
        publicRoots: published(entryOf(root)),
        updatesOff: true,
      },
      'none',
    ],
    'in Disallowed': [{ disallowed: [thumbprint(root)] }, 'disallowed'],
    'in no store': [{ authorities: stored.slice(1) }, 'unknown'],
  };
  for (const [where, [stores, anchor]] of Object.entries(anchors))
    it(`${where}: ${anchor}`, () => assert.equal(judge(stores).anchor, anchor));

  const name = sequence(element(0x31, sequence(oid('2.5.4.3'), element(0x0c, Buffer.from('Root')))));
  const listed = entryOf(root, { subjectName: hash('md5', name), keyIdentifier: '0A0B' });
  it('in no store, and found in the list by its name and key: public, as Windows fetches it', () => {
    const { anchor, trust } = judge({ authorities: stored.slice(1), publicRoots: published(listed) });
    assert.equal(anchor, 'public');
    assert.ok(trust.authorities.some((one) => one.thumbprint === thumbprint(root) && one.subject === 'CN=Root'));
  });
  it('in Root, and found in the list too: the same one', () => {
    const { trust } = judge({ publicRoots: published(listed) });
    assert.deepEqual(each(trust.authorities, 'issuedBy'), [[thumbprint(root)], [thumbprint(root)]]);
  });
  it('in no store, and in the list by something else than its SHA-1: unknown', () => {
    const another = { ...listed, identifier: '0A0B' };
    const { anchor, chain } = judge({ authorities: stored.slice(1), publicRoots: published(another) });
    assert.deepEqual([anchor, chain.issuedBy], ['unknown', [thumbprint(issuing)]]);
  });
  it('in no store, and in the list with another key: unknown', () => {
    const another = { ...listed, keyIdentifier: '0A0C' };
    assert.equal(judge({ authorities: stored.slice(1), publicRoots: published(another) }).anchor, 'unknown');
  });
  it('in no store, and found in a list that must not be used: unknown', () => {
    const off = { authorities: stored.slice(1), publicRoots: published(listed), updatesOff: true };
    assert.equal(judge(off).anchor, 'unknown');
  });
  it('is asked whether its intermediate is for servers', () => {
    const clients = made('Issuing', 'Root', { ekus: ['1.3.6.1.5.5.7.3.2'], organisations: ['Example, Inc.', null] });
    assert.equal(
      judge({
        authorities: [
          { der: root, store: 'Root' },
          { der: clients, store: 'CA' },
        ],
      }).anchor,
      'none',
    );
  });
});

describe('a list of what nobody shall trust', () => {
  const listOf = (identifier: string) => ({ disallowedList: published({ ...entryOf(root), identifier }) });
  const { raw, publicKey } = new X509Certificate(leaf);
  const [at, digits] = [2 + ((raw[1] ?? 0) & 0x7f), (raw[3 + ((raw[1] ?? 0) & 0x7f)] ?? 0) & 0x7f];
  const signed = raw.subarray(at, at + 2 + digits + raw.readUIntBE(at + 2, digits));
  const bits = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  for (const [what, identifier] of [
    ['its SHA-1', hash('sha1', leaf)],
    ['the hash that was signed', hash('sha256', signed)],
    ['MD5 of its key', hash('md5', bits)],
  ] as const)
    it(`names a certificate by ${what}`, () => assert.equal(judge(listOf(identifier)).anchor, 'disallowed'));
  it('says nothing of others', () => assert.equal(judge(listOf(hash('sha1', Buffer.alloc(1)))).anchor, 'private'));
});
