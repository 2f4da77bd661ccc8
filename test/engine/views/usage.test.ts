import assert from 'node:assert/strict';
import { usageText } from '../../../src/commands/usage/text.ts';
import type { Configuration } from '../../../src/documents/configuration.ts';
import type { HandledConsumer, Usage } from '../../../src/documents/usage.ts';
import { usageOf } from '../../../src/engine/views/usage.ts';
import { reportedRules } from '../../../src/kinds/reported/reported-kinds.ts';
import { unknownParts } from '../../../src/kinds/unknown-parts.ts';
import type { KeyRights } from '../../../src/model/certificates/certificate.ts';
import { serviceAccount } from '../../../src/model/windows/service-account.ts';
import { plain } from '../../../src/shell/print/terminal-style.ts';
import {
  certificate,
  https,
  type OtherParts,
  policy,
  record,
  type SnapshotParts,
  site,
  snapshot,
  sni,
  thumbprintOf,
} from '../../builders/snapshot.ts';
import { each } from '../../support/each.ts';

const foreign = '{11111111-2222-3333-4444-555555555555}';

const server = snapshot({
  sites: [site('Shop', [sni('shop.example.com'), https('*:443:')]), site('Vpn', [https('192.0.2.1:443:')])],
  records: [
    record('shop.example.com:443', 'shop'),
    record('0.0.0.0:443', 'shop'),
    record('0.0.0.0:8443', 'shop', { appId: foreign }),
    record('192.0.2.1:443', 'vpn'),
    record('0.0.0.0:5986', 'gone', { appId: '{afebb9ad-9b97-4a91-9ab5-daf4d59122f6}' }),
    record('(central-store):443', null),
  ],
  certificates: [
    certificate('unused', { names: ['unused.example.com'] }),
    certificate('shop'),
    certificate('vpn', { names: ['vpn.example.com'] }),
    certificate('old', { archived: true }),
  ],
  ftps: [{ site: null, thumbprint: thumbprintOf('shop'), store: 'My' }],
  others: [
    { thumbprint: thumbprintOf('vpn').toLowerCase(), consumer: { kind: 'sstp', detail: 'SstpSvc' } },
    { thumbprint: thumbprintOf('shop'), consumer: { kind: 'rdp', detail: 'RDP-Tcp' } },
  ],
  notLookedAt: unknownParts('not-read', ['others']),
});

describe('usage', () => {
  it('names every consumer, and whether a renewal would be brought to it', () => {
    assert.deepEqual(shown(usageOf(server, policy(), null)), {
      'CN=shop.example.com': [
        'Shop *:443:shop.example.com yes',
        'Shop *:443: yes',
        `http-sys ${foreign} no`,
        'ftps null no',
        'rdp RDP-Tcp no',
      ],
      // SSTP keeps the hash of the same certificate and answers on that record: a replacement is blocked.
      'CN=vpn.example.com': ['Vpn 192.0.2.1:443: no', 'sstp SstpSvc no'],
      'CN=unused.example.com': [],
    });
  });

  it('shows what consumers name and no store has', () => {
    const { missing } = usageOf(server, policy(), null);
    assert.deepEqual(
      missing.map(({ thumbprint, store, consumers }) => [thumbprint, store, consumers.map(text)]),
      [[thumbprintOf('gone'), 'My', ['http-sys {afebb9ad-9b97-4a91-9ab5-daf4d59122f6} no']]],
    );
  });

  it('follows the policy', () => {
    const handled = (parts: Parameters<typeof policy>[0]) =>
      usageOf(server, policy(parts), null)
        .certificates.flatMap(({ consumers }) => consumers)
        .filter((consumer) => consumer.handled)
        .map(text);
    assert.equal(handled({ applicationIds: [foreign] }).length, 3);
    assert.equal(handled({ guards: { 'shared-with': 'off' } }).length, 3);
    assert.deepEqual(handled({ exclude: { sites: ['shop'], records: [], thumbprints: [], holders: [] } }), []);
  });

  const nps: OtherParts = {
    thumbprint: thumbprintOf('a'),
    consumer: { kind: 'nps', detail: 'Wi-Fi' },
    stands: { place: 'C:\\ias.xml', written: 'as written', service: 'IAS', state: 'started' },
  };
  const npsPlace = { place: 'C:\\ias.xml', written: 'as written' };
  const adfs = { appId: '{5d89a20c-beab-4389-9447-324788eb944a}' };
  const shop = { sites: [site('Shop', [https('*:443:')])], records: [record('0.0.0.0:443', 'a')] };
  const sstp = (written: string): OtherParts => ({
    thumbprint: written,
    consumer: { kind: 'sstp', detail: 'SstpSvc' },
  });
  const excluding = (parts: Partial<Configuration['exclude']>) =>
    policy({ exclude: { ...policy().exclude, ...parts } });
  const verdicts: readonly (readonly [string, SnapshotParts, Configuration, Partial<HandledConsumer>])[] = [
    ['a binding', shop, policy(), { handled: true }],
    ['a binding of an excluded site', shop, excluding({ sites: ['Shop'] }), { handled: false, reason: 'excluded' }],
    [
      'a binding whose certificate SSTP keeps too',
      { ...shop, others: [sstp(thumbprintOf('a').toLowerCase())] },
      policy(),
      { handled: false, reason: 'shared-with' },
    ],
    [
      'a binding that SSTP keeps another certificate beside',
      { ...shop, others: [sstp(thumbprintOf('b'))] },
      policy(),
      { handled: true },
    ],
    [
      'the record of a product with a command of its own',
      { records: [record('0.0.0.0:8443', 'a', adfs)] },
      policy(),
      {
        handled: false,
        reason: 'other-program',
        command: `Set-AdfsSslCertificate -Thumbprint <new thumbprint>; Get-AdfsCertificate -CertificateType Service-Communications | Where-Object { $_.Thumbprint -eq '${thumbprintOf('a')}' } | ForEach-Object { Set-AdfsCertificate -CertificateType Service-Communications -Thumbprint <new thumbprint> }`,
      },
    ],
    [
      'the record of a product that is named in capitals as one to change',
      { records: [record('0.0.0.0:8443', 'a', { appId: '{11111111-2222-3333-4444-55555555abcd}' })] },
      policy({ applicationIds: ['{11111111-2222-3333-4444-55555555ABCD}'] }),
      { handled: true },
    ],
    [
      'a role, with the place where the hash stands',
      { others: [nps] },
      policy(),
      {
        handled: false,
        reason: 'report-only',
        command:
          'nps.msc: choose <new thumbprint> in the policy Wi-Fi, under Constraints, Authentication Methods, Edit',
        ...npsPlace,
      },
    ],
    [
      'a role that is left alone',
      { others: [nps] },
      excluding({ holders: ['nps/Wi-Fi'] }),
      { handled: false, reason: 'excluded', ...npsPlace },
    ],
    [
      'a role whose certificate is left alone',
      { others: [nps] },
      excluding({ thumbprints: [thumbprintOf('a')] }),
      { handled: false, reason: 'excluded', ...npsPlace },
    ],
  ];
  for (const [what, parts, configuration, expected] of verdicts)
    it(`says whether a renewal would be brought to it, why not, and what to type: ${what}`, () => {
      const given = snapshot({ certificates: [certificate('a')], ...parts });
      const [first] = usageOf(given, configuration, [thumbprintOf('a')]).certificates.flatMap((one) => one.consumers);
      const { handled, reason, command, place, written } = first ?? assert.fail();
      const told = { handled, reason, command, place, written };
      const none = { reason: undefined, command: undefined, place: undefined, written: undefined };
      assert.deepEqual(told, { ...none, ...expected });
    });

  it('says of a service whose certificate binding is changed by itself that this is so', () => {
    const appId = '{d7d72267-fcf9-4424-9eec-7e1d8dcec9a9}';
    const management = { port: 8172, address: '*', state: 'started' } as const;
    const given = snapshot({
      certificates: [certificate('a')],
      records: [record('0.0.0.0:8172', 'a', { appId })],
      others: [{ thumbprint: thumbprintOf('a'), consumer: { kind: 'wmsvc', detail: 'WMSVC' }, management }],
    });
    const [used] = usageOf(given, policy({ applicationIds: [appId] }), null).certificates;
    assert.deepEqual(
      used?.consumers.map(({ key, handled, why }) => [key, handled, why]),
      [
        ['0.0.0.0:8172', true, undefined],
        ['wmsvc/8172', false, 'Its certificate binding is changed by itself, because applicationIds names it.'],
      ],
    );
  });

  it('shows what no store has in a fixed order, and nothing of a service without a certificate', () => {
    const labels = ['a', 'b', 'c', 'd'];
    const { missing } = usageOf(
      snapshot({
        records: labels.map((label, place) => record(`0.0.0.0:${8440 + place}`, label)),
        others: [{ thumbprint: '', consumer: { kind: 'wmsvc', detail: 'WMSVC' } }],
      }),
      policy(),
      null,
    );
    assert.deepEqual(each(missing, 'thumbprint'), labels.map(thumbprintOf).sort());
  });

  it('of several certificates tells those, and an archived one among all only while it is used', () => {
    const given = snapshot({
      records: [record('0.0.0.0:8443', 'used')],
      certificates: ['used', 'unused', 'other'].map((label) => certificate(label, { archived: label !== 'other' })),
    });
    const labelsOf = (only: readonly string[] | null) =>
      usageOf(given, policy(), only === null ? null : only.map(thumbprintOf)).certificates.map(({ thumbprint }) =>
        ['used', 'unused', 'other'].find((label) => thumbprintOf(label) === thumbprint),
      );
    assert.deepEqual(labelsOf(null), ['used', 'other']);
    assert.deepEqual(labelsOf(['unused', 'used']), ['used', 'unused']);
  });

  it('of one certificate tells that one only, archived or unused as it may be', () => {
    for (const label of ['old', 'unused', 'gone', 'nowhere']) {
      const { certificates, missing } = usageOf(server, policy(), [thumbprintOf(label)]);
      const all = [...certificates, ...missing].map(({ thumbprint }) => thumbprint);
      assert.deepEqual(all, label === 'nowhere' ? [] : [thumbprintOf(label)], label);
    }
  });

  it('says of every place that it leaves why, and which policy would move what can be moved', () => {
    const a = thumbprintOf('a');
    const of = (kind: OtherParts['consumer']['kind'], detail: string): OtherParts =>
      ({ thumbprint: a, consumer: { kind, detail } }) as OtherParts;
    const others = [
      ...[of('rdp', 'RDP-Tcp'), of('winrm', '*+HTTPS'), of('smb-quic', 'files.example.com')],
      ...[
        of('ldaps', 'NTDS'),
        of('ldaps-my', 'NTDS'),
        of('sql', 'SHOP'),
        of('wmsvc', '8172'),
        of('hyper-v', 'server'),
        of('nps', 'Wi-Fi'),
      ],
    ];
    const adfsRecord = record('0.0.0.0:8443', 'a', adfs);
    const given = {
      ...shop,
      records: [...shop.records, adfsRecord],
      ftps: [{ site: null, thumbprint: a, store: 'My' }],
    };
    const usage = usageOf(snapshot({ ...given, others, certificates: [certificate('a')] }), policy(), null);
    const left = usage.certificates.flatMap(({ consumers }) => consumers).filter(({ handled }) => !handled);
    assert.equal(left.length, 11);
    for (const { key, why } of left) assert.ok(why, key);
    const whyOf = (kind: string) => left.find((consumer) => consumer.kind === kind)?.why ?? '';
    assert.equal(whyOf('rdp'), 'It is not known who chose its certificate.');
    assert.match(whyOf('smb-quic'), /^CertRebind only reports it\. Options and clients of the mapping/);
    assert.match(whyOf('sql'), /restarts MSSQL\$SHOP in a change window, once that is set/);
    assert.match(whyOf('nps'), /^CertRebind only reports it\. A wrong certificate/);
    const text = usageText(usage, { ...plain, width: 120 });
    assert.ok(text.includes(`\n    ${reportedRules['ldaps-my'].command}\n`), text);
    const set = 'certrebind config set holders.sql replace holders.sql.restart window window 22:00-04:00';
    assert.ok(text.includes(`\n    ${set}\n`), text);
  });

  it('tells which service is restarted for a new certificate', () => {
    const stands = { place: '', written: '', service: 'MSSQLSERVER', state: 'started' } as const;
    const others = [
      { thumbprint: thumbprintOf('a'), consumer: { kind: 'sql', detail: 'MSSQLSERVER' }, stands } as const,
      { thumbprint: thumbprintOf('a'), consumer: { kind: 'rdp', detail: 'RDP-Tcp' } } as const,
    ];
    const { certificates } = usageOf(snapshot({ others, certificates: [certificate('a')] }), policy(), null);
    assert.deepEqual(
      certificates.flatMap(({ consumers }) => consumers.map(({ key, restarts }) => [key, restarts])),
      [
        ['sql/MSSQLSERVER', 'MSSQLSERVER'],
        ['rdp/RDP-Tcp', undefined],
      ],
    );
  });

  it('tells whether a service may read the key of the certificate that it uses, as far as that is known', () => {
    const runsAs = serviceAccount('MSSQLSERVER', 'NT Service\\MSSQLSERVER');
    const stands = { place: '', written: '', service: 'MSSQLSERVER', state: 'started', runsAs } as const;
    const others = [
      { thumbprint: thumbprintOf('a'), consumer: { kind: 'sql', detail: 'MSSQLSERVER' }, stands } as const,
    ];
    const told = (keyRights: KeyRights) => {
      const usage = usageOf(snapshot({ others, certificates: [certificate('a', { keyRights })] }), policy(), null);
      const reads = usage.certificates.flatMap(({ consumers }) => consumers.map(({ readsKey }) => readsKey));
      return [reads, usageText(usage, plain).includes('SQL Server MSSQLSERVER cannot read its key')];
    };
    const alone = 'O:SYG:SYD:PAI(A;;FA;;;SY)';
    assert.deepEqual(told({ sddl: alone }), [[false], true]);
    assert.deepEqual(told({ sddl: `${alone}(A;;FR;;;${runsAs.serviceSid})` }), [[true], false]);
    assert.deepEqual(told({ why: 'it is in a TPM' }), [[undefined], false]);
  });

  it('takes the certificate from the store that is named, and from the other where only that one has it', () => {
    const both = { certificates: [certificate('a'), certificate('a', { store: 'WebHosting' })] };
    for (const [store, stores, found] of [
      ['WebHosting', both, 'WebHosting'],
      ['My', both, 'My'],
      ['My', { certificates: [certificate('a', { store: 'WebHosting' })] }, 'WebHosting'],
    ] as const) {
      const { certificates } = usageOf(
        snapshot({ ...stores, records: [record('0.0.0.0:443', 'a', { store })] }),
        policy(),
        null,
      );
      assert.equal(certificates.find(({ consumers }) => consumers.length > 0)?.store, found);
    }
  });

  it('tells of each certificate whether it has a key, and lists by store, by subject, and the used ones first', () => {
    const seen = usageOf(
      snapshot({
        records: [
          record('0.0.0.0:443', 'z'),
          record('0.0.0.0:444', 'y', { store: 'WebHosting' }),
          record('0.0.0.0:445', 'x'),
        ],
        certificates: [
          certificate('a', { names: ['a.example.com'], key: 'unusable' }),
          certificate('z', { names: ['z.example.com'], key: 'missing' }),
          certificate('y', { names: ['b.example.com'] }),
          certificate('y', { names: ['b.example.com'], store: 'WebHosting', key: 'unknown' }),
          certificate('c', { names: ['a.example.com'], store: 'WebHosting' }),
          certificate('c', { names: ['a.example.com'] }),
        ],
        others: [
          { thumbprint: thumbprintOf('y'), consumer: { kind: 'rdp', detail: '' } },
          { thumbprint: thumbprintOf('gone').toLowerCase(), consumer: { kind: 'rdp', detail: '' } },
        ],
        ftps: [
          { site: 'A', thumbprint: thumbprintOf('x'), store: 'My' },
          { site: 'B', thumbprint: thumbprintOf('x'), store: 'WebHosting' },
        ],
      }),
      policy(),
      null,
    );
    assert.equal(seen.schema, 'certrebind/usage/1');
    const unused = ['a', 'c', 'c'].map((label, index) => [thumbprintOf(label), index === 2 ? 'WebHosting' : 'My']);
    assert.deepEqual(each(seen.certificates, 'thumbprint', 'store', 'hasKey'), [
      [thumbprintOf('y'), 'My', true],
      [thumbprintOf('y'), 'WebHosting', true],
      [thumbprintOf('z'), 'My', false],
      ...[...unused]
        .sort(([a = '', b = ''], [c = '', d = '']) => (a + b < c + d ? -1 : 1))
        .map((each) => [...each, true]),
    ]);
    assert.deepEqual(
      seen.missing.map(({ thumbprint, store, consumers }) => [thumbprint, store, consumers.length]),
      [
        [thumbprintOf('gone'), null, 1],
        [thumbprintOf('x'), 'My', 2],
        [thumbprintOf('x'), 'WebHosting', 1],
      ].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    );
  });

  it('says that a renewal would not be brought where a product shares the record, or the certificate is excluded', () => {
    const shared = snapshot({
      sites: [site('Shop', [sni('shop.example.com'), https('*:443:')])],
      records: [
        record('shop.example.com:443', 'shop'),
        record('0.0.0.0:443', 'shop'),
        record('0.0.0.0:8443', 'x', { appId: foreign }),
      ],
      certificates: [certificate('shop')],
      others: [{ thumbprint: thumbprintOf('shop').toLowerCase(), consumer: { kind: 'sstp', detail: '' } }],
    });
    const handled = (parts: Parameters<typeof policy>[0]) => {
      const { certificates, missing } = usageOf(shared, policy(parts), null);
      return [...certificates, ...missing].flatMap(({ consumers }) =>
        consumers.filter((each) => each.handled).map(text),
      );
    };
    const ours = 'Shop *:443:shop.example.com yes';
    assert.deepEqual(handled({}), [ours]);
    assert.deepEqual(handled({ guards: { 'shared-with': 'block' } }), [ours]);
    assert.deepEqual(handled({ applicationIds: [foreign.toUpperCase()] }), [ours, `http-sys ${foreign} yes`]);
    assert.deepEqual(
      handled({ exclude: { sites: [], records: [], thumbprints: [thumbprintOf('shop')], holders: [] } }),
      [],
    );
  });

  it('says by name what it did not look at', () => {
    const roles = [
      { kind: 'exchange', why: null },
      { kind: 'nps', why: 'access denied' },
    ] as const;
    const { notLookedAt } = usageOf({ ...server, roles }, policy(), null);
    assert.ok(notLookedAt.includes('thumbprints that other products store (could not be read)'));
    assert.ok(notLookedAt.includes('Exchange, which is installed here (only its own tools show its certificate)'));
    assert.ok(notLookedAt.includes('Network Policy Server, which is installed here (access denied)'));
  });

  it('takes ten thousand records and as many certificates', () => {
    const hosts = Array.from({ length: 10_000 }, (_, index) => `host${index}.example.com`);
    const large = snapshot({
      sites: hosts.map((host) => site(host, [sni(host)])),
      records: hosts.map((host) => record(`${host}:443`, host)),
      certificates: hosts.map((host) => certificate(host, { names: [host] })),
    });
    assert.equal(usageOf(large, policy(), null).certificates.length, 10_000);
  });
});

function shown({ certificates }: Usage): Record<string, readonly string[]> {
  return Object.fromEntries(certificates.map(({ subject, consumers }) => [subject, consumers.map(text)]));
}

function text(consumer: HandledConsumer): string {
  const handled = consumer.handled ? 'yes' : 'no';
  switch (consumer.kind) {
    case 'iis-binding':
      return `${consumer.site} ${consumer.information} ${handled}`;
    case 'http-sys':
      return `http-sys ${consumer.appId} ${handled}`;
    case 'ftps':
      return `ftps ${consumer.site} ${handled}`;
    default:
      return `${consumer.kind} ${consumer.detail} ${handled}`;
  }
}
