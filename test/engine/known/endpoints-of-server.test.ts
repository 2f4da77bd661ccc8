import assert from 'node:assert/strict';
import { bindingsByRecord, isAnyAddress, keyOf, servedHosts } from '../../../src/engine/known/bindings-of-records.ts';
import { endpointOfKey, endpointsOf, listeningAddress } from '../../../src/engine/known/endpoints.ts';
import { endpointsOfServer } from '../../../src/engine/known/endpoints-of-server.ts';
import { parseBinding } from '../../../src/kinds/iis/binding.ts';
import { formatRecordKey, type KeyText, parseRecordKey } from '../../../src/kinds/record-key.ts';
import type { Snapshot } from '../../../src/kinds/snapshot.ts';
import { https, record, type SnapshotParts, site, snapshot, sni, thumbprintOf } from '../../builders/snapshot.ts';

/** An endpoint in a line: where, name, sites, certificate, and why it is passed over. */
function linesOf(server: SnapshotParts): readonly string[] {
  return endpointsOfServer(snapshot(server)).map(({ key, endpoint, sites, expected, skipped }) =>
    [
      `${key} at ${endpoint.address} ${endpoint.port}${endpoint.startTls === undefined ? '' : ` ${endpoint.startTls}`} as ${endpoint.serverName}`,
      sites.join('+'),
      expected === null ? 'nothing' : expected === thumbprintOf('shop') ? 'shop' : 'another',
      ...(skipped === null ? [] : [skipped]),
    ].join(' | '),
  );
}

const ftp = (information: string) => parseBinding('ftp', information, 0);
const ftpsOf = (name: string | null, label: string) => ({ site: name, thumbprint: thumbprintOf(label), store: 'My' });

const rows: readonly (readonly [string, SnapshotParts, readonly string[]])[] = [
  ['nothing', {}, []],
  [
    'an SNI record at every address of its bindings',
    {
      sites: [site('A', [https('*:443:shop.example.com', 1)]), site('B', [https('192.0.2.1:443:shop.example.com', 1)])],
      records: [record('shop.example.com:443', 'shop')],
    },
    [
      'shop.example.com:443 at 0.0.0.0 443 as shop.example.com | A+B | shop',
      'shop.example.com:443 at 192.0.2.1 443 as shop.example.com | A+B | shop',
    ],
  ],
  [
    'HTTP/3 beside TLS, which is not dialled, where the server answers it and no flag of the record stands in the way',
    {
      http3: true,
      sites: [
        site('A', [sni('shop.example.com')]),
        site('B', [sni('plain.example.com'), sni('old.example.com')]),
        site('C', [https('*:444:')], 'stopped'),
      ],
      records: [
        record('shop.example.com:443', 'shop', { flags: 0x10 }),
        record('plain.example.com:443', 'shop', { flags: 0x20 }),
        record('old.example.com:443', 'shop', { flags: 0x40 }),
        record('0.0.0.0:444', 'shop'),
      ],
    },
    [
      'shop.example.com:443 at 0.0.0.0 443 as shop.example.com | A | shop',
      'shop.example.com:443 at 0.0.0.0 443 h3 as shop.example.com | A | shop | CertRebind does not speak QUIC',
      'plain.example.com:443 at 0.0.0.0 443 as plain.example.com | B | shop',
      'old.example.com:443 at 0.0.0.0 443 as old.example.com | B | shop',
      '0.0.0.0:444 at 0.0.0.0 444 as null | C | shop | the site is stopped',
    ],
  ],
  ['a binding whose record is absent', { sites: [site('A', [sni('shop.example.com')])] }, []],
  [
    'each host of a record by address, and no name where a binding has none',
    {
      sites: [
        site('A', [https('*:443:a.example.com'), https('*:443:')]),
        site('B', [https('*:443:b.example.com'), https('*:443:a.example.com')]),
      ],
      records: [record('0.0.0.0:443', 'shop')],
    },
    [
      '0.0.0.0:443 at 0.0.0.0 443 as null | A | shop',
      '0.0.0.0:443 at 0.0.0.0 443 as a.example.com | A+B | shop',
      '0.0.0.0:443 at 0.0.0.0 443 as b.example.com | B | shop',
    ],
  ],
  [
    'a host with a record of its own there, and not at the address',
    {
      sites: [site('A', [https('*:443:'), https('*:443:a.example.com'), https('192.0.2.9:443:a.example.com', 1)])],
      records: [record('0.0.0.0:443', 'shop'), record('a.example.com:443', 'other')],
    },
    [
      '0.0.0.0:443 at 0.0.0.0 443 as null | A | shop',
      'a.example.com:443 at 192.0.2.9 443 as a.example.com | A | another',
    ],
  ],
  [
    'a wildcard by a name below it, for the sites that ask for it',
    {
      sites: [site('A', [https('*:443:*.example.com')]), site('B', [https('*:443:b.example.org')])],
      records: [record('0.0.0.0:443', 'shop')],
    },
    [
      '0.0.0.0:443 at 0.0.0.0 443 as b.example.org | B | shop',
      '0.0.0.0:443 at 0.0.0.0 443 as certrebind-probe.example.com | A | shop',
    ],
  ],
  [
    'a wildcard beside a binding without a host, each for the sites that ask for it',
    {
      sites: [site('A', [https('*:443:*.example.com')]), site('B', [https('*:443:')])],
      records: [record('0.0.0.0:443', 'shop')],
    },
    [
      '0.0.0.0:443 at 0.0.0.0 443 as null | B | shop',
      '0.0.0.0:443 at 0.0.0.0 443 as certrebind-probe.example.com | A | shop',
    ],
  ],
  [
    'without a name where a binding has an address for its host, for every site there',
    {
      sites: [site('A', [https('*:443:192.0.2.1')]), site('B', [https('*:443:192.0.2.2')])],
      records: [record('0.0.0.0:443', 'shop')],
    },
    ['0.0.0.0:443 at 0.0.0.0 443 as null | A+B | shop'],
  ],
  [
    'FTP sites with a certificate of their own, by STARTTLS but at the port where TLS begins at once',
    {
      sites: [site('Files', [ftp('*:21:'), ftp('192.0.2.1:990:files.example.com')]), site('Web', [https('*:443:')])],
      ftps: [ftpsOf('Files', 'shop')],
    },
    [
      'ftp/Files at 0.0.0.0 21 ftp as null | Files | shop',
      'ftp/Files at 192.0.2.1 990 as files.example.com | Files | shop',
    ],
  ],
  [
    'an FTP site that is stopped as such',
    { sites: [site('Files', [ftp('*:21:')], 'stopped')], ftps: [ftpsOf('Files', 'shop')] },
    ['ftp/Files at 0.0.0.0 21 ftp as null | Files | shop | the site is stopped'],
  ],
  [
    'FTP sites with the certificate of the defaults once where they share a place, if one of them runs there',
    {
      sites: [
        site('Off', [ftp('*:21:'), ftp('*:2121:')], 'stopped'),
        site('On', [ftp('*:21:')]),
        site('Unknown', [ftp('*:2100:')], 'unknown'),
      ],
      ftps: [ftpsOf(null, 'shop')],
    },
    [
      'ftp/* at 0.0.0.0 21 ftp as null | Off+On | shop',
      'ftp/* at 0.0.0.0 2121 ftp as null | Off | shop | the site is stopped',
      'ftp/* at 0.0.0.0 2100 ftp as null | Unknown | shop',
    ],
  ],
  ['nowhere for a certificate of FTP that no site uses', { ftps: [ftpsOf('Files', 'shop')] }, []],
  [
    'stopped sites as such, unless a running one is met at the same place',
    {
      sites: [
        site('Off', [https('*:443:a.example.com'), https('*:443:b.example.com')], 'stopped'),
        site('On', [https('*:443:b.example.com')]),
        site('Unknown', [https('*:443:c.example.com')], 'unknown'),
      ],
      records: [record('0.0.0.0:443', 'shop')],
    },
    [
      '0.0.0.0:443 at 0.0.0.0 443 as b.example.com | On | shop',
      '0.0.0.0:443 at 0.0.0.0 443 as c.example.com | Unknown | shop',
      '0.0.0.0:443 at 0.0.0.0 443 as a.example.com | Off | shop | the site is stopped',
    ],
  ],
  [
    'a stopped site at another address or name than the running one',
    {
      sites: [
        site('Off', [https('192.0.2.1:443:shop.example.com', 1)], 'stopped'),
        site('On', [https('192.0.2.2:443:shop.example.com', 1)]),
      ],
      records: [record('shop.example.com:443', 'shop')],
    },
    [
      'shop.example.com:443 at 192.0.2.2 443 as shop.example.com | On | shop',
      'shop.example.com:443 at 192.0.2.1 443 as shop.example.com | Off | shop | the site is stopped',
    ],
  ],
  [
    'nothing to dial while the web service is stopped',
    {
      webService: 'stopped',
      sites: [site('Off', [https('*:443:a.example.com')], 'stopped'), site('On', [https('*:443:b.example.com')])],
      records: [record('0.0.0.0:443', 'shop')],
    },
    [
      '0.0.0.0:443 at 0.0.0.0 443 as b.example.com | On | shop | the web service is stopped',
      '0.0.0.0:443 at 0.0.0.0 443 as a.example.com | Off | shop | the web service is stopped',
    ],
  ],
  [
    'the central store by the names of its bindings, where HTTP.SYS has its record',
    {
      sites: [
        site('A', [https('*:443:c.example.com', 3), https('*:443:*.d.example.com', 3), https('192.0.2.1:443:', 2)]),
        site('B', [https('*:8443:c.example.com', 3)]),
        site('Off', [https('*:443:e.example.com', 3)], 'stopped'),
      ],
      records: [record('(central-store):443', null)],
    },
    [
      '(central-store):443 at 0.0.0.0 443 as c.example.com | A | nothing',
      '(central-store):443 at 0.0.0.0 443 as certrebind-probe.d.example.com | A | nothing',
      '(central-store):443 at 192.0.2.1 443 as null | A | nothing | its binding has no host name',
      '(central-store):443 at 0.0.0.0 443 as e.example.com | Off | nothing | the site is stopped',
    ],
  ],
  [
    'bindings of any address at a record of any IPv6 address too, which belongs to another product',
    {
      sites: [site('A', [https('*:443:'), sni('b.example.com'), https('192.0.2.1:443:')])],
      records: [record('0.0.0.0:443', 'shop'), record('[::]:443', 'other'), record('[::]:8443', 'other')],
    },
    ['0.0.0.0:443 at 0.0.0.0 443 as null | A | shop', '[::]:443 at :: 443 as null | A | another'],
  ],
  [
    'a record of any IPv6 address under a binding of its own once, and no other record of another product',
    {
      sites: [site('A', [https('*:443:')]), site('B', [https('[::]:443:')])],
      records: [
        record('0.0.0.0:443', 'shop'),
        record('[::]:443', 'shop'),
        record('192.0.2.7:443', 'other'),
        record('vpn.example.com:443', 'other'),
      ],
    },
    ['0.0.0.0:443 at 0.0.0.0 443 as null | A | shop', '[::]:443 at :: 443 as null | B | shop'],
  ],
  [
    'any address at the first of the listen list',
    {
      listenOnly: ['192.0.2.5'],
      sites: [site('A', [https('*:443:'), sni('b.example.com'), https('192.0.2.9:443:')])],
      records: [record('0.0.0.0:443', 'shop'), record('b.example.com:443', 'shop'), record('192.0.2.9:443', 'shop')],
    },
    [
      '0.0.0.0:443 at 192.0.2.5 443 as null | A | shop',
      'b.example.com:443 at 192.0.2.5 443 as b.example.com | A | shop',
      '192.0.2.9:443 at 192.0.2.9 443 as null | A | shop',
    ],
  ],
];

describe('where clients meet a server', () => {
  for (const [what, server, lines] of rows) it(what, () => assert.deepEqual(linesOf(server), lines));
});

describe('where a record is met of which only the key is known', () => {
  for (const [key, endpoints] of [
    ['(central-store):443', []],
    ['shop.example.com:443', [{ address: '0.0.0.0', port: 443, serverName: 'shop.example.com' }]],
    ['*.example.com:443', [{ address: '0.0.0.0', port: 443, serverName: 'certrebind-probe.example.com' }]],
    ['192.0.2.1:8443', [{ address: '192.0.2.1', port: 8443, serverName: null }]],
  ] as const)
    it(key, () =>
      assert.deepEqual(endpointOfKey(keyOf(keyText(key)), { hasRecord: () => false, listenOnly: [] }), endpoints),
    );
});

describe('the address behind any address', () => {
  for (const [any, listenOnly, records, expected] of [
    ['0.0.0.0', [], [], '0.0.0.0'],
    ['0.0.0.0', ['192.0.2.5', '192.0.2.6'], [], '192.0.2.5'],
    ['0.0.0.0', ['192.0.2.5', '0.0.0.0'], [], '0.0.0.0'],
    ['0.0.0.0', ['192.0.2.5', '192.0.2.6'], ['192.0.2.5:443'], '192.0.2.6'],
    ['0.0.0.0', ['192.0.2.5', '192.0.2.6'], ['192.0.2.5:8443'], '192.0.2.5'],
    ['0.0.0.0', ['192.0.2.5'], ['192.0.2.5:443'], null],
    ['0.0.0.0', ['2001:db8::5'], [], '2001:db8::5'],
    ['0.0.0.0', ['2001:db8::5'], ['[::]:443'], null],
    ['0.0.0.0', ['::'], ['[::]:443'], null],
    ['::', [], ['[::]:443'], '::'],
    ['::', ['192.0.2.5'], ['[::]:443'], null],
    ['::', ['192.0.2.5', '2001:db8::5'], ['[::]:443'], '2001:db8::5'],
    ['192.0.2.9', ['192.0.2.5'], [], '192.0.2.9'],
  ] as const) {
    it(`${any} with the listen list [${listenOnly.join(' ')}] and records [${records.join(' ')}] is ${expected}`, () => {
      const hasRecord = (key: KeyText) => records.some((each) => each === key);
      assert.equal(listeningAddress(any, 443, { hasRecord, listenOnly }), expected);
    });
  }
});

describe('the name to ask for', () => {
  const namesAt = (key: string, hosts: readonly string[], taken: readonly string[] = []) => {
    const standing = bindingsByRecord([
      site(
        'A',
        hosts.map((host) => https(`*:443:${host}`)),
      ),
    ]);
    const known = new Set(taken);
    const endpoints = endpointsOf(keyOf(keyText(key)), standing.get(keyText(key)) ?? [], {
      hasRecord: (other) => known.has(other),
      listenOnly: [],
    });
    return endpoints.map(({ serverName }) => serverName);
  };

  it('is none for an address', () => {
    assert.deepEqual(namesAt('0.0.0.0:443', ['192.0.2.1']), [null]);
  });

  it('is below a wildcard one that no record of its own answers', () => {
    const probe = 'certrebind-probe';
    assert.deepEqual(namesAt('0.0.0.0:443', ['*.a.org'], [`${probe}.a.org:443`]), [`${probe}1.a.org`]);
    assert.deepEqual(namesAt('0.0.0.0:443', ['*.a.org'], [`${probe}.a.org:443`, `${probe}1.a.org:443`]), [
      `${probe}2.a.org`,
    ]);
  });

  it('is asked for once, and in a fixed order', () => {
    assert.deepEqual(namesAt('0.0.0.0:443', ['b.org', 'a.org']), ['a.org', 'b.org']);
    assert.deepEqual(namesAt('0.0.0.0:443', ['b.org', 'a.org', '', 'c.org']), [null, 'a.org', 'b.org', 'c.org']);
    assert.deepEqual(namesAt('(central-store):443', []), []);
  });
});

describe('the hosts that a record serves', () => {
  const servedAt = (key: string, sites: Snapshot['sites'], records: readonly string[] = []) =>
    servedHosts(keyOf(keyText(key)), bindingsByRecord(sites).get(keyText(key)) ?? [], (one) => records.includes(one));

  it('by server name: its own, whoever stands on it', () => {
    const host = 'shop.example.com';
    assert.deepEqual(servedAt(`${host}:443`, []), { hosts: [{ host, sites: [] }], catchAll: false, address: null });
    assert.deepEqual(
      servedAt(`${host}:443`, [site('B', [sni(host)]), site('A', [sni(host), https(`192.0.2.1:443:${host}`, 1)])]),
      {
        hosts: [{ host, sites: ['A', 'B'] }],
        catchAll: false,
        address: null,
      },
    );
  });

  it('by any address: but for those with a record of their own, which answers there', () => {
    const sites = (address: string) => [
      site(
        'A',
        ['a', 'b', 'c'].map((name) => https(`${address}:443:${name}.example.com`)),
      ),
    ];
    const hostsAt = (address: string, ...records: readonly string[]) =>
      servedAt(`${address}:443`, sites(address), records).hosts.map(({ host }) => host);
    const all = ['a.example.com', 'b.example.com', 'c.example.com'];
    assert.deepEqual(hostsAt('0.0.0.0', 'b.example.com:443', 'c.example.com:8443'), ['a.example.com', 'c.example.com']);
    assert.deepEqual(hostsAt('0.0.0.0', '*.example.com:443'), []);
    assert.deepEqual(hostsAt('192.0.2.1', 'b.example.com:443'), all);
  });

  it('by address: those of its bindings, each site once, and any other where a binding names none', () => {
    assert.deepEqual(servedAt('192.0.2.1:443', []), { hosts: [], catchAll: true, address: null });
    const named = [site('A', [https('192.0.2.1:443:b.org'), https('192.0.2.1:443:a.org')])];
    const hosts = [
      { host: 'a.org', sites: ['A'] },
      { host: 'b.org', sites: ['A'] },
    ];
    assert.deepEqual(servedAt('192.0.2.1:443', named), { hosts, catchAll: false, address: null });
    assert.deepEqual(servedAt('192.0.2.1:443', [...named, site('B', [https('192.0.2.1:443:')])]), {
      hosts,
      catchAll: true,
      address: { host: '192.0.2.1', sites: ['B'] },
    });
    for (const [key, address] of [
      ['0.0.0.0:443', '*'],
      ['[::]:443', '[::]'],
    ] as const)
      assert.equal(servedAt(key, [site('B', [https(`${address}:443:`)])]).address, null);
  });

  it('by address: sorted whatever their sites are called, and each site once though two bindings name the host', () => {
    const sites = [
      site('A', [https('*:443:b.org'), https('0.0.0.0:443:b.org')]),
      site('B', [https('*:443:a.org'), https('*:443:b.org')]),
    ];
    assert.deepEqual(servedAt('0.0.0.0:443', sites).hosts, [
      { host: 'a.org', sites: ['B'] },
      { host: 'b.org', sites: ['A', 'B'] },
    ]);
  });

  it('by files of the central store: any host only where a binding asks for it, and never an address', () => {
    const key = '(central-store):443';
    assert.deepEqual(servedAt(key, []), { hosts: [], catchAll: false, address: null });
    assert.deepEqual(servedAt(key, [site('A', [https('192.0.2.1:443:', 2)])]), {
      hosts: [],
      catchAll: true,
      address: null,
    });
  });

  it('are those of bindings with TLS that can be read', () => {
    const bindings = [parseBinding('http', '*:80:', 0), parseBinding('net.tcp', '808:*', 0), https('nonsense')];
    assert.deepEqual([...bindingsByRecord([site('A', [...bindings, sni('a.org')])]).keys()], ['a.org:443']);
  });

  it('are not asked of a key that is no certificate binding', () => {
    assert.throws(() => keyOf('ftp/Shop' as KeyText), /not a record key: ftp\/Shop/);
  });

  it('of an address that stands for all of them are not those of one', () => {
    assert.deepEqual(['*', '0.0.0.0', '::', '192.0.2.1', '2001:db8::1'].map(isAnyAddress), [
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});

function keyText(text: string): KeyText {
  return formatRecordKey(parseRecordKey(text, 'test'));
}
