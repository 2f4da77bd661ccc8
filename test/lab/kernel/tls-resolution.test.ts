import assert from 'node:assert/strict';
import type { Connection } from '../../../src/lab/kernel/answers.ts';
import { connect, resolveRecord } from '../../../src/lab/kernel/tls-resolution.ts';
import { type LabBuilder, labState } from '../../builders/lab.ts';
import { https, now, sni } from '../../builders/snapshot.ts';
import { apply } from './requests.ts';

const lab = labState()
  .certificate('newest')
  .certificate('new', { renewedTo: 'newest' })
  .certificate('old', { renewedTo: 'new' })
  .certificate('plain')
  .centralFile('shop.example.com', 'file')
  .centralFile('_.example.net', 'wildcard-file')
  .site('Shop', [https('*:443:'), sni('shop.example.com'), https('192.0.2.1:443:'), https('[2001:db8::1]:443:')])
  .record('192.0.2.1:443', 'old')
  .record('shop.example.com:443', 'old')
  .record('*.example.org:443', 'plain')
  .record('(central-store):443', null)
  .record('0.0.0.0:443', 'plain')
  .record('[2001:db8::1]:443', 'old');

describe('resolution of certificate bindings', () => {
  const records: readonly (readonly [string, string, string | null, Record<string, string | null>])[] = [
    [
      'exact address and name',
      '192.0.2.1',
      'shop.example.com',
      { address: '192.0.2.1:443', name: 'shop.example.com:443', any: '192.0.2.1:443' },
    ],
    [
      'another address and name',
      '192.0.2.2',
      'shop.example.com',
      { address: 'shop.example.com:443', name: 'shop.example.com:443', any: '0.0.0.0:443' },
    ],
    [
      'another address, unknown name',
      '192.0.2.2',
      'www.example.edu',
      { address: '0.0.0.0:443', name: '0.0.0.0:443', any: '0.0.0.0:443' },
    ],
    ['no name', '192.0.2.2', null, { address: '0.0.0.0:443', name: '0.0.0.0:443', any: '0.0.0.0:443' }],
    [
      'a file of the central store',
      '192.0.2.2',
      'www.example.net',
      { address: '(central-store):443', name: '(central-store):443', any: '0.0.0.0:443' },
    ],
    [
      'IPv6',
      '2001:db8::1',
      null,
      { address: '[2001:db8::1]:443', name: '[2001:db8::1]:443', any: '[2001:db8::1]:443' },
    ],
    [
      'name in capitals',
      '192.0.2.2',
      'SHOP.example.COM',
      { address: 'shop.example.com:443', name: 'shop.example.com:443', any: '0.0.0.0:443' },
    ],
  ];
  const positions = {
    address: 'address-name-central-any',
    name: 'name-address-central-any',
    any: 'address-any-name-central',
  } as const;
  for (const [situation, address, serverName, expected] of records) {
    for (const [short, position] of Object.entries(positions)) {
      it(`${situation}, ${position}: ${expected[short]}`, () => {
        const state = lab.switched('endpoint-precedence', position).build();
        assert.equal(resolveRecord(state, address, 443, serverName), expected[short]);
      });
    }
  }

  it('answers at another port with nothing', () =>
    assert.equal(resolveRecord(lab.build(), '192.0.2.1', 8443, 'shop.example.com'), null));

  for (const [position, expected] of [
    ['match', '*.example.org:443'],
    ['literal', '0.0.0.0:443'],
  ] as const) {
    it(`wildcard-names ${position}: www.example.org gets ${expected}, and one label only`, () => {
      const state = lab.switched('wildcard-names', position).build();
      assert.equal(resolveRecord(state, '*', 443, 'www.example.org'), expected);
      assert.equal(resolveRecord(state, '*', 443, 'a.b.example.org'), '0.0.0.0:443');
    });
  }
});

describe('the wire', () => {
  const dial = (builder: LabBuilder, address: string, serverName: string | null): Connection =>
    connect(builder.build(), { address, port: 443, serverName }, now);
  const served = (connection: Connection) =>
    connection.outcome === 'served' ? connection.thumbprint : connection.outcome;

  for (const [position, byAddress, byName] of [
    ['never', 'old', 'old'],
    ['at-once', 'newest', 'newest'],
    ['address-records', 'newest', 'old'],
  ] as const) {
    it(`wire-follows-renewal ${position}: ${byAddress} by address, ${byName} by name`, () => {
      const builder = lab.switched('wire-follows-renewal', position);
      assert.equal(served(dial(builder, '192.0.2.1', null)), lab.thumbprint(byAddress));
      assert.equal(served(dial(builder, '192.0.2.9', 'shop.example.com')), lab.thumbprint(byName));
    });
  }

  for (const [position, expected] of [
    ['answers', 'ours'],
    ['ignored', 'old'],
  ] as const) {
    it(`ipv6-any-record ${position}: an IPv6 client of a site of any address gets the certificate ${expected}`, () => {
      const builder = labState()
        .certificate('old')
        .certificate('ours')
        .site('Shop', [https('*:443:')])
        .record('0.0.0.0:443', 'old')
        .record('[::]:443', 'ours')
        .switched('ipv6-any-record', position);
      assert.equal(served(dial(builder, '::', null)), builder.thumbprint(expected));
      assert.equal(served(dial(builder, '0.0.0.0', null)), builder.thumbprint('old'));
    });
  }

  for (const [position, expected] of [
    ['empty', ['served', 'served']],
    ['one-address', ['not-listening', 'served']],
  ] as const) {
    it(`listen-list ${position}: any address is ${expected[0]}, the listed one ${expected[1]}`, () => {
      const builder = labState()
        .certificate('old')
        .site('Shop', [https('*:443:')])
        .record('0.0.0.0:443', 'old')
        .switched('listen-list', position);
      assert.deepEqual(
        ['0.0.0.0', '192.0.2.77'].map((address) => dial(builder, address, null).outcome),
        expected,
      );
    });
  }

  it('follows renewals only to certificates whose key opens, and never in circles', () => {
    const circle = labState()
      .certificate('b', { key: 'missing' })
      .certificate('a', { renewedTo: 'b' })
      .site('Shop', [https('*:443:')])
      .record('0.0.0.0:443', 'a')
      .switched('wire-follows-renewal', 'at-once');
    assert.equal(served(dial(circle, '*', null)), circle.thumbprint('a'));
    const { state } = apply(
      circle.build(),
      { kind: 'set-renewal', thumbprint: circle.thumbprint('b'), renewedTo: circle.thumbprint('a') },
      { kind: 'set-key', thumbprint: circle.thumbprint('b'), key: 'usable' },
    );
    assert.equal(connect(state, { address: '*', port: 443, serverName: null }, now).outcome, 'served');
  });

  for (const [position, expected] of [
    ['still-served', 'served'],
    ['refused', 'refused'],
  ] as const) {
    it(`certificate deleted from its store, ${position}: ${expected}; after a restart it is refused`, () => {
      const { state } = apply(lab.switched('removed-certificate', position).build(), {
        kind: 'remove-certificate',
        thumbprint: lab.thumbprint('plain'),
        store: 'my',
      });
      const at = { address: '*', port: 443, serverName: null };
      assert.equal(connect(state, at, now).outcome, expected);
      assert.equal(connect(apply(state, { kind: 'boot' }).state, at, now).outcome, 'refused');
    });
  }

  it('serves the file of the central store that fits the name, wildcards too', () => {
    const central = lab.switched('endpoint-precedence', 'address-name-central-any');
    assert.equal(served(dial(central, '*', 'www.example.net')), lab.thumbprint('wildcard-file'));
  });

  const silence: readonly (readonly [string, LabBuilder, string])[] = [
    [
      'a stopped site alone on its port',
      labState()
        .certificate('a')
        .site('Shop', [https('*:443:')], 'stopped')
        .record('0.0.0.0:443', 'a'),
      'not-listening',
    ],
    ['a stopped web service', lab.with({ webService: 'stopped' }), 'not-listening'],
    ['a stopped site beside a running one', lab.site('Off', [https('*:443:off.example.com')], 'stopped'), 'served'],
    ['a record of another product', labState().certificate('a').record('0.0.0.0:443', 'a'), 'served'],
    ['a binding without record', labState().site('Shop', [https('*:443:')]), 'refused'],
    [
      'a certificate without key',
      labState()
        .certificate('a', { key: 'missing' })
        .site('Shop', [https('*:443:')])
        .record('0.0.0.0:443', 'a'),
      'refused',
    ],
  ];
  for (const [situation, builder, outcome] of silence) {
    it(`${situation}: ${outcome}`, () => assert.equal(dial(builder, '*', null).outcome, outcome));
  }
});
