import assert from 'node:assert/strict';
import { emptyLedger, type Ledger } from '../../../src/documents/runs/ledger.ts';
import { withIssuerChange } from '../../../src/engine/known/issuer-changes.ts';
import { predecessorsByNames, renewalsFromNames, waitsOfNames } from '../../../src/engine/known/renewals-from-names.ts';
import type { Snapshot } from '../../../src/kinds/snapshot.ts';
import { type Authority, evaluateTrust } from '../../../src/model/certificates/trust.ts';
import { ledgerOf } from '../../builders/ledger.ts';
import {
  authority,
  certificate,
  policy,
  record,
  renewal,
  type SnapshotParts,
  site,
  snapshot,
  sni,
  thumbprintOf,
} from '../../builders/snapshot.ts';
import { each } from '../../support/each.ts';

const now = '2026-06-01T12:00:00.000Z';
const under = (...subjects: readonly string[]) => ({ issuedBy: subjects.map(thumbprintOf) });
const root = (subject: string, standing: Authority['standing'], organisation: string | null = null) =>
  authority(subject, { ...under(subject), standing, organisation });
const le = "Let's Encrypt";

/** Authorities as there are: one public that rotates, its staging, others, and two of a company. */
const authorities: readonly Authority[] = [
  root('CN=ISRG Root X1', 'programme', 'Internet Security Research Group'),
  authority('CN=Root YR', { ...under('CN=ISRG Root X1'), organisation: 'ISRG' }),
  authority('CN=R13', { ...under('CN=ISRG Root X1'), organisation: le }),
  authority('CN=YR1', { ...under('CN=Root YR'), organisation: le }),
  authority('CN=YR2', { ...under('CN=Root YR'), organisation: `${le} ` }),
  authority('CN=YE1', { ...under('CN=Root YR'), organisation: le }),
  root('CN=(STAGING) Yonder Yam Root YR', 'none', 'ISRG'),
  authority('CN=(STAGING) YR1', { ...under('CN=(STAGING) Yonder Yam Root YR'), organisation: `(STAGING) ${le}` }),
  root('CN=USERTrust', 'programme', 'The USERTRUST Network'),
  root('CN=R46', 'programme', 'Sectigo Limited'),
  authority('CN=ZeroSSL CA', { ...under('CN=USERTrust'), organisation: 'ZeroSSL' }),
  authority('CN=Sectigo RSA DV', { ...under('CN=USERTrust'), organisation: 'Sectigo Limited' }),
  authority('CN=Sectigo Public DV R36', { ...under('CN=R46'), organisation: 'Sectigo, Ltd' }),
  root('CN=Corp Root', 'machine'),
  authority('CN=Corp CA 1', under('CN=Corp Root')),
  authority('CN=Corp CA 1, second key', { ...under('CN=Corp Root'), subject: 'CN=Corp CA 1' }),
  authority('CN=Corp CA 2', under('CN=Corp Root')),
  authority('CN=Calls Itself LE', { ...under('CN=Corp Root'), organisation: le }),
  authority('CN=Private Issuer'),
];

type Parts = NonNullable<Parameters<typeof certificate>[1]>;
const of = (subject: string, parts: Parts = {}): Parts => ({ issuer: subject, ...under(subject), ...parts });
const days = (from: string, count: number) => ({
  notBefore: from,
  notAfter: new Date(Date.parse(from) + count * 24 * 3600_000).toISOString(),
});
const before = days('2026-04-01T00:00:00.000Z', 90);
const after = days('2026-06-01T00:00:00.000Z', 90);
const earlier = days('2026-06-01T00:00:00.000Z', 6);

const byNames = (parts: Parameters<typeof policy>[0] = {}) => policy({ successors: 'same-names', ...parts });

interface Case {
  readonly old: Parts;
  readonly new: Parts;
  /** Another certificate beside the two. */
  readonly third?: Parts;
  readonly world?: SnapshotParts;
  readonly policy?: Parameters<typeof policy>[0];
  /** `take`, or what is said instead. */
  readonly is: string;
  /** What `--old auto` does with it; as `is` says where it is not given. */
  readonly auto?: 'take' | 'nothing';
}

const wildcard = { names: ['*.example.com'] };
const two = { names: ['shop.example.com', 'old.example.com'] };

/** One row of what is known of renewals in the field, by its number there. */
const rows: Readonly<Record<string, Case>> = {
  '1: another intermediate of the same authority': { old: of('CN=YR1', before), new: of('CN=YR2', after), is: 'take' },
  '2: a new generation of its roots': { old: of('CN=R13', before), new: of('CN=YR1', after), is: 'take' },
  '3: the authority of a company has a new key': {
    old: of('CN=Corp CA 1', before),
    new: { ...of('CN=Corp CA 1', after), ...under('CN=Corp CA 1, second key') },
    is: 'take',
  },
  '4: another authority of the company, same template': {
    old: of('CN=Corp CA 1', { ...before, template: '1.2.3' }),
    new: of('CN=Corp CA 2', { ...after, template: '1.2.3' }),
    is: 'take',
  },
  '4: another authority of the company, another template': {
    old: of('CN=Corp CA 1', { ...before, template: '1.2.3' }),
    new: of('CN=Corp CA 2', { ...after, template: '1.2.4' }),
    is: 'other-template',
  },
  '5: one authority under other roots': {
    old: of('CN=Sectigo RSA DV', before),
    new: of('CN=Sectigo Public DV R36', after),
    is: 'take',
  },
  '6: another type of the same authority': { old: of('CN=YR1', before), new: of('CN=R13', after), is: 'take' },
  '7: another public authority': {
    old: of('CN=YR1', before),
    new: of('CN=ZeroSSL CA', after),
    is: 'other-authority',
    auto: 'take',
  },
  '7: another public authority, and a name less that a binding asks for': {
    old: of('CN=YR1', { ...before, ...two }),
    new: of('CN=ZeroSSL CA', after),
    world: {
      sites: [site('Shop', [sni('shop.example.com'), sni('old.example.com')])],
      records: [record('shop.example.com:443', 'old'), record('old.example.com:443', 'old')],
    },
    is: 'names-lost',
  },
  '8: public to private': { old: of('CN=YR1', before), new: of('CN=Corp CA 1', after), is: 'nothing' },
  '8: a private one with the name of a public one': {
    old: of('CN=YR1', before),
    new: of('CN=Calls Itself LE', after),
    is: 'nothing',
  },
  '9: private to public': {
    old: of('CN=Corp CA 1', before),
    new: of('CN=YR1', after),
    is: 'was-private',
    auto: 'take',
  },
  '10: to the staging of the authority': {
    old: of('CN=YR1', before),
    new: of('CN=(STAGING) YR1', after),
    is: 'nothing',
    auto: 'take',
  },
  '11: from its staging': {
    old: of('CN=(STAGING) YR1', before),
    new: of('CN=YR1', after),
    is: 'was-untrusted',
    auto: 'take',
  },
  '12: to a self-signed one': {
    old: of('CN=YR1', before),
    new: { issuer: 'CN=shop.example.com', issuedBy: [], selfSigned: true, ...after },
    is: 'nothing',
    auto: 'take',
  },
  '13: both self-signed': {
    old: { issuer: 'CN=shop.example.com', issuedBy: [], selfSigned: true, ...before },
    new: { issuer: 'CN=shop.example.com', issuedBy: [], selfSigned: true, ...after },
    is: 'self-signed',
    auto: 'take',
  },
  '14: a pair of keys, issued together': {
    old: of('CN=YR1', before),
    new: of('CN=YE1', { ...days('2026-04-01T00:10:00.000Z', 91), keyType: 'EC P-256' }),
    is: 'nothing',
  },
  '14: the same type of key, in the same hour': {
    old: of('CN=YR1', before),
    new: of('CN=YR1', days('2026-04-01T00:10:00.000Z', 91)),
    is: 'take',
  },
  '15: another type of key, late': {
    old: of('CN=YR1', before),
    new: of('CN=YE1', { ...after, keyType: 'EC P-256' }),
    is: 'take',
  },
  '15: another type of key, early': {
    old: of('CN=YR1', days('2026-05-20T00:00:00.000Z', 90)),
    new: of('CN=YE1', { ...days('2026-05-28T00:00:00.000Z', 90), keyType: 'EC P-256' }),
    is: 'key-type',
  },
  '15: another type of key beside one of the same': {
    old: of('CN=YR1', before),
    new: of('CN=YR2', after),
    third: of('CN=YE1', { ...days('2026-06-01T02:00:00.000Z', 90), keyType: 'EC P-256' }),
    is: 'take',
  },
  '16: two in a row': {
    old: of('CN=YR1', before),
    new: of('CN=YR2', days('2026-06-01T06:00:00.000Z', 90)),
    third: of('CN=YR1', days('2026-05-25T00:00:00.000Z', 90)),
    is: 'take',
  },
  '17: two at once': {
    old: of('CN=YR1', before),
    new: of('CN=YR2', after),
    third: of('CN=YR1', days('2026-06-01T00:30:00.000Z', 90)),
    is: 'issued-together',
    auto: 'take',
  },
  '18: issued again, ending earlier, today': {
    old: of('CN=YR1', before),
    new: of('CN=YR2', earlier),
    is: 'waits',
    auto: 'take',
  },
  '18: issued again, ending earlier, yesterday': {
    old: of('CN=YR1', before),
    new: of('CN=YR2', days('2026-05-31T11:00:00.000Z', 6)),
    is: 'take',
  },
  '19: issued again, the old one is not trusted any more': {
    old: of('CN=YR1', { ...before, disallowed: true }),
    new: of('CN=YR1', earlier),
    is: 'take',
  },
  '20: the longest life became shorter': {
    old: of('CN=YR1', days('2026-03-10T00:00:00.000Z', 398)),
    new: of('CN=YR2', days('2026-06-01T00:00:00.000Z', 199)),
    is: 'take',
  },
  '21: older, from a backup': {
    old: of('CN=YR1', after),
    new: of('CN=YR2', days('2026-05-31T00:00:00.000Z', 95)),
    is: 'nothing',
  },
  '22: used by another service': {
    old: of('CN=YR1', before),
    new: of('CN=YR2', after),
    world: { others: [{ thumbprint: thumbprintOf('new'), consumer: { kind: 'sstp', detail: '' } }] },
    is: 'used-elsewhere',
    auto: 'nothing',
  },
  '22: of a template of its own': {
    old: of('CN=Corp CA 1', { ...before, template: '1.2.3' }),
    new: of('CN=Corp CA 1', { ...after, template: '1.2.4' }),
    is: 'other-template',
  },
  '23: for clients only': {
    old: of('CN=YR1', before),
    new: of('CN=YR2', { ...after, ekus: ['1.3.6.1.5.5.7.3.2'] }),
    is: 'nothing',
  },
  '24: no longer for clients': {
    old: of('CN=YR1', { ...before, ekus: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'] }),
    new: of('CN=YR2', after),
    is: 'take',
  },
  '25: one name more': { old: of('CN=YR1', before), new: of('CN=YR2', { ...after, ...two }), is: 'take' },
  '26: a name less that nobody asks for': {
    old: of('CN=YR1', { ...before, ...two }),
    new: of('CN=YR2', after),
    is: 'take',
  },
  '27: a name less that a binding asks for': {
    old: of('CN=YR1', { ...before, ...two }),
    new: of('CN=YR2', after),
    world: {
      sites: [site('Shop', [sni('shop.example.com'), sni('old.example.com')])],
      records: [record('shop.example.com:443', 'old'), record('old.example.com:443', 'old')],
    },
    is: 'names-lost',
  },
  '28: a single name becomes a wildcard': {
    old: of('CN=YR1', before),
    new: of('CN=YR2', { ...after, ...wildcard }),
    is: 'names-merged',
  },
  '29: a wildcard becomes a single name': {
    old: of('CN=YR1', { ...before, ...wildcard }),
    new: of('CN=YR2', after),
    is: 'nothing',
  },
  '30: a wildcard and its domain': {
    old: of('CN=YR1', { ...before, ...wildcard }),
    new: of('CN=YR2', { ...after, names: ['*.example.com', 'example.com'] }),
    is: 'take',
  },
  '31: its own names before more of them': {
    old: of('CN=YR1', before),
    new: of('CN=YR2', after),
    third: of('CN=YR1', { ...days('2026-06-01T03:00:00.000Z', 90), ...two }),
    is: 'take',
  },
  '32: the same key, certified by another authority': {
    old: of('CN=YR1', { ...before, publicKey: 'AB' }),
    new: of('CN=ZeroSSL CA', { ...after, publicKey: 'AB' }),
    is: 'take',
  },
  '33: without a common name': {
    old: of('CN=YR1', before),
    new: of('CN=YR2', { ...after, commonName: null }),
    is: 'take',
  },
  '34: with a key that is not there': {
    old: of('CN=YR1', before),
    new: of('CN=YR2', { ...after, key: 'missing' }),
    is: 'nothing',
  },
  '35: its issuer is not here': {
    old: of('CN=YR1', before),
    new: of('CN=Unknown', after),
    is: 'chain-unknown',
    auto: 'take',
  },
  '35: the issuer of the old one is not here': {
    old: of('CN=Unknown', before),
    new: of('CN=YR2', after),
    is: 'chain-unknown',
    auto: 'take',
  },
  '35: the issuer of neither is here': {
    old: of('CN=Unknown', before),
    new: of('CN=Unknown', after),
    is: 'chain-unknown',
    auto: 'take',
  },
  '35: one issuer signed both, whose root is not here': {
    old: of('CN=Private Issuer', before),
    new: of('CN=Private Issuer', after),
    is: 'take',
  },
  'issuers admit what the certificates do not show': {
    old: of('CN=YR1', before),
    new: of('CN=Corp CA 1', after),
    policy: { issuers: ['CN=Corp CA 1'] },
    is: 'take',
  },
  'issuersOnly takes nothing else': {
    old: of('CN=YR1', before),
    new: of('CN=YR2', after),
    policy: { issuers: ['CN=YR1'], issuersOnly: true },
    is: 'nothing',
  },
  'it has ended': { old: of('CN=YR1', before), new: of('CN=YR2', days('2026-05-01T00:00:00.000Z', 31)), is: 'nothing' },
  'it does not begin yet': {
    old: of('CN=YR1', before),
    new: of('CN=YR2', days('2026-06-02T00:00:00.000Z', 90)),
    is: 'nothing',
    auto: 'take',
  },
  'it is an authority itself': {
    old: of('CN=YR1', before),
    new: of('CN=YR2', { ...after, authority: true }),
    is: 'nothing',
  },
  'it is archived': { old: of('CN=YR1', before), new: of('CN=YR2', { ...after, archived: true }), is: 'nothing' },
  'Windows does not trust it': {
    old: of('CN=YR1', before),
    new: of('CN=YR2', { ...after, disallowed: true }),
    is: 'nothing',
    auto: 'take',
  },
};

describe('a renewal that only names suggest', () => {
  for (const [name, row] of Object.entries(rows)) {
    const wanted = row.is === 'take' ? 'is taken' : row.is === 'nothing' ? 'is none' : `is not taken: ${row.is}`;
    it(`${name}: ${wanted}`, () => assert.equal(verdictOn(row), row.is));
    const auto = row.auto ?? (row.is === 'take' ? 'take' : 'nothing');
    it(`${name}: with --old auto ${auto === 'take' ? 'is taken' : 'is none'}`, () => {
      const successor = worldOf(row).certificates.find(({ thumbprint }) => thumbprint === thumbprintOf('new'));
      assert.ok(successor);
      const found = predecessorsByNames(worldOf(row), emptyLedger, byNames(row.policy), successor);
      assert.deepEqual(found, auto === 'take' ? [thumbprintOf('old')] : []);
    });
  }

  it('36: has no old certificate to judge by where that is gone', () => {
    const world = worldOf({ old: of('CN=YR1', before), new: of('CN=YR2', after), is: '' });
    const gone = { ...world, certificates: world.certificates.slice(1) };
    assert.deepEqual(renewalsFromNames(gone, emptyLedger, byNames()), { links: [], doubts: [], waiting: [] });
  });

  it('of a capture without authorities is never taken', () => {
    const { trust: _, ...world } = worldOf({ old: of('CN=YR1', before), new: of('CN=YR1', after), is: '' });
    assert.deepEqual(each(renewalsFromNames(world, emptyLedger, byNames()).doubts, 'why'), ['chain-unknown']);
  });

  it('of two in one hour is the one that is used already', () => {
    const world = worldOf({
      ...rows['17: two at once'],
      old: of('CN=YR1', before),
      new: of('CN=YR2', after),
      is: '',
      world: { records: [record('shop.example.com:443', 'old'), record('192.0.2.1:443', 'third')] },
    } as Case);
    const { links } = renewalsFromNames(world, emptyLedger, byNames());
    assert.deepEqual(
      links.map((link) => link.new),
      [thumbprintOf('third')],
    );
  });

  it('is one still where a run has moved another service and this one waits for its window', () => {
    const row = rows['22: used by another service'] as Case;
    const applied = ledgerOf([
      { renewal: renewal('old', 'new', { source: 'same-names' }), state: 'pending', run: '7', at: now },
    ]);
    const found = renewalsFromNames(worldOf(row), applied, byNames());
    assert.deepEqual([each(found.links, 'new'), found.doubts], [[thumbprintOf('new')], []]);
  });

  it('leads on from one that is taken', () => {
    const world = worldOf({ old: of('CN=YR1', before), new: of('CN=YR2', after), is: '' });
    assert.deepEqual(renewalsFromNames(world, emptyLedger, byNames()).links, [
      {
        old: thumbprintOf('old'),
        new: thumbprintOf('new'),
        source: 'same-names',
        corroborated: true,
        eventRecordId: null,
      },
    ]);
  });

  it('is looked for where only something else than a certificate binding uses the old one', () => {
    const ftps = [{ site: 'Files', thumbprint: thumbprintOf('old'), store: 'My' }];
    const world = worldOf({
      old: of('CN=YR1', before),
      new: of('CN=YR2', after),
      is: '',
      world: { records: [], ftps },
    });
    assert.equal(renewalsFromNames(world, emptyLedger, byNames()).links.length, 1);
    assert.equal(renewalsFromNames(world, emptyLedger, policy()).links.length, 0);
  });

  it('of several in a row is that of the last, with --old auto', () => {
    const world = worldOf({
      old: of('CN=YR1', before),
      new: of('CN=YR2', after),
      third: of('CN=YR1', days('2026-05-20T00:00:00.000Z', 90)),
      is: '',
      world: { records: [record('shop.example.com:443', 'third'), record('192.0.2.1:443', 'old')] },
    });
    const [, successor] = world.certificates;
    assert.ok(successor);
    assert.deepEqual(predecessorsByNames(world, emptyLedger, byNames(), successor), [thumbprintOf('third')]);
  });

  it('across authorities needs no person when one moved these names so before', () => {
    const world = worldOf({ old: of('CN=ZeroSSL CA', before), new: of('CN=YR1', after), is: '' });
    const moved = withIssuerChange(renewal('first', 'old'), {
      ...world,
      certificates: [...world.certificates, certificate('first', of('CN=YR1', days('2026-01-01T00:00:00.000Z', 90)))],
    });
    const entry = { renewal: moved, state: 'settled', reasons: [], run: null, at: now } as const;
    const verdict = (ledger: Ledger) => renewalsFromNames(world, ledger, byNames()).links.length;
    assert.equal(verdict(emptyLedger), 0);
    assert.equal(verdict(ledgerOf([entry])), 1);
    assert.equal(verdict(ledgerOf([{ ...entry, state: 'undone', heldAt: [record('0.0.0.0:443', 'first').key] }])), 0);
    const others = {
      ...moved,
      moved: { between: moved.moved?.between ?? ['', ''], names: ['other.example.com'] },
    } as const;
    assert.equal(verdict(ledgerOf([{ ...entry, renewal: others }])), 0);
  });

  it('of one authority is not clear because these names were moved to it', () => {
    const world = worldOf({ old: of('CN=YR1', before), new: { issuer: 'CN=YR1', issuedBy: [], ...after }, is: '' });
    const moved = { between: ['CN=ZeroSSL CA', 'CN=YR1'], names: ['shop.example.com'] } as const;
    const entry = {
      renewal: { ...renewal('first', 'old'), moved },
      state: 'settled',
      reasons: [],
      run: null,
      at: now,
    } as const;
    const { doubts } = renewalsFromNames(world, ledgerOf([entry]), byNames());
    assert.deepEqual(each(doubts, 'why'), ['chain-unknown']);
  });

  it('within one authority is no move', () => {
    const world = worldOf({ old: of('CN=YR1', before), new: of('CN=YR1', after), is: '' });
    assert.equal(withIssuerChange(renewal('old', 'new'), world).moved, undefined);
  });

  for (const [from, to, between] of [
    ["CN=R10, O=Let's Encrypt, C=US", "CN=E7, O=Let's Encrypt, C=US", undefined],
    ['CN=CA 1, O=Trust\\, Inc.', 'CN=CA 2, O=TRUST, C=US', undefined],
    ["CN=R10, O=Let's Encrypt", 'CN=R46, O=Sectigo Limited', ["let's encrypt", 'sectigo']],
    ['CN=CA 1', 'CN=CA 2', ['CN=CA 1', 'CN=CA 2']],
  ] as const)
    it(`from ${from} to ${to} is ${between === undefined ? 'no move' : 'a move'}`, () => {
      const certificates = [
        certificate('old', of('CN=YR1', { ...before, issuer: from })),
        certificate('new', of('CN=YR1', { ...after, issuer: to })),
      ];
      assert.deepEqual(withIssuerChange(renewal('old', 'new'), snapshot({ certificates })).moved?.between, between);
    });
});

describe('who vouches for a certificate', () => {
  const asOf = Date.parse(now);
  const anchor = (parts: Parts, list: 'current' | 'old' | 'missing' | 'unused' = 'current', known = authorities) =>
    evaluateTrust({ authorities: known, list }, asOf)(certificate('leaf', parts)).anchor;
  const with_ = (subject: string, parts: Partial<Authority>) =>
    authorities.map((one) => (one.subject === subject ? { ...one, ...parts } : one));

  it('is a public root before one of this machine', () => {
    assert.equal(anchor({ issuedBy: ['CN=Corp CA 1', 'CN=YR1'].map(thumbprintOf) }), 'public');
    assert.equal(anchor(of('CN=Corp CA 1')), 'private');
  });
  it('is nobody where the root is known and in no list', () => {
    assert.equal(anchor(of('CN=(STAGING) YR1')), 'none');
    assert.equal(anchor(of('CN=(STAGING) YR1'), 'unused'), 'none');
  });
  it('is not known where the list is old or missing, or an issuer is', () => {
    assert.equal(anchor(of('CN=(STAGING) YR1'), 'old'), 'unknown');
    assert.equal(anchor(of('CN=(STAGING) YR1'), 'missing'), 'unknown');
    assert.equal(anchor(of('CN=Private Issuer')), 'unknown');
    assert.equal(anchor(of('CN=Unknown')), 'unknown');
  });
  it('is nobody whose intermediate is not for servers, has ended, or came too late', () => {
    assert.equal(anchor(of('CN=R13'), 'current', with_('CN=R13', { notForServers: true })), 'none');
    assert.equal(anchor(of('CN=R13'), 'current', with_('CN=R13', { notAfter: '2026-01-01T00:00:00Z' })), 'none');
    const until = with_('CN=ISRG Root X1', { distrustsFrom: '2026-01-01T00:00:00.000Z' });
    assert.equal(anchor(of('CN=R13'), 'current', until), 'none');
    assert.equal(anchor(of('CN=R13', { notBefore: '2025-12-31T23:59:59.000Z' }), 'current', until), 'public');
  });
  it('is nobody where it, or an authority above it without another way, is not to be trusted', () => {
    assert.equal(anchor(of('CN=R13', { disallowed: true })), 'disallowed');
    assert.equal(anchor(of('CN=R13'), 'current', with_('CN=R13', { standing: 'disallowed' })), 'disallowed');
    const both = { issuedBy: ['CN=R13', 'CN=YR1'].map(thumbprintOf) };
    assert.equal(anchor(both, 'current', with_('CN=R13', { standing: 'disallowed' })), 'public');
  });
});

function worldOf({ old, new: successor, third, world }: Case): Snapshot {
  return snapshot({
    takenAt: now,
    records: [record('shop.example.com:443', 'old')],
    certificates: [
      certificate('old', old),
      certificate('new', successor),
      ...(third === undefined ? [] : [certificate('third', third)]),
    ],
    trust: { authorities, list: 'current' },
    ...world,
  });
}

describe('one that was issued again and ends earlier', () => {
  const yesterday = rows['18: issued again, ending earlier, yesterday'];

  it('waits for a day on which the hourly run looked too, and is remembered until it is applied', () => {
    assert(yesterday !== undefined);
    const renewals = (days: number, since: Readonly<Record<string, number>>) => {
      const looked = { schema: 'certrebind/looked/1', day: '2026-06-01', days, jumpedFrom: null, since } as const;
      return renewalsFromNames(worldOf(yesterday), { ...emptyLedger, looked }, byNames());
    };
    const unseen = renewals(7, {});
    const [what = '', ...more] = waitsOfNames(unseen);
    assert.deepEqual([unseen.links, unseen.waiting[0]?.until, more], [[], '2026-06-02T00:00:00.000Z', []]);
    const [today, over] = [renewals(7, { [what]: 7 }), renewals(8, { [what]: 7 })];
    assert.deepEqual([today.links.length, over.links.length, over.waiting], [0, 1, []]);
    assert.deepEqual([waitsOfNames(today), waitsOfNames(over)], [[what], [what]]);
  });
});

function verdictOn(row: Case): string {
  const { links, doubts, waiting } = renewalsFromNames(worldOf(row), emptyLedger, byNames(row.policy));
  const first = links.filter(({ old }) => old === thumbprintOf('old'));
  if (first.length > 0) return first.every((link) => link.new === thumbprintOf('new')) ? 'take' : 'another';
  if (waiting.length > 0) return 'waits';
  return doubts.find(({ old }) => old.thumbprint === thumbprintOf('old'))?.why ?? 'nothing';
}
