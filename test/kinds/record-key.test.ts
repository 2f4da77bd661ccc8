import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatRecordKey, parseRecordKey, type RecordKey, toRecordKey } from '../../src/kinds/record-key.ts';
import { canonicalIpv6 } from '../../src/model/certificates/ip-address.ts';
import { anyCharacter } from '../support/any-character.ts';
import { typedError } from '../support/only-typed-errors.ts';

const port = fc.integer({ min: 1, max: 65535 });
const host = fc.stringMatching(/^(\*\.)?[a-z][a-z0-9-]{0,10}\.[a-z]{2,5}$/);
const key: fc.Arbitrary<RecordKey> = fc.oneof(
  fc.record({ table: fc.constant('ip' as const), address: fc.ipV4(), port }, { noNullPrototype: true }),
  fc.record(
    { table: fc.constant('ip' as const), address: fc.ipV6().map((text) => canonicalIpv6(text) ?? '::'), port },
    { noNullPrototype: true },
  ),
  fc.record({ table: fc.constant('sni' as const), host, port }, { noNullPrototype: true }),
  fc.record({ table: fc.constant('ccs' as const), port }, { noNullPrototype: true }),
);

describe('record key', () => {
  it('comes back from its text', () => {
    fc.assert(fc.property(key, (original) => assert.deepEqual(toRecordKey(formatRecordKey(original)), original)));
  });

  for (const [text, canonical] of [
    ['*:443', '0.0.0.0:443'],
    ['0.0.0.0:443', '0.0.0.0:443'],
    ['[2001:0DB8:0:0::1]:443', '[2001:db8::1]:443'],
    ['[fe80::1%4]:443', '[fe80::1%4]:443'],
    ['SHOP.Example.com:8443', 'shop.example.com:8443'],
    ['*.example.org:443', '*.example.org:443'],
    ['(central-store):443', '(central-store):443'],
  ] as const) {
    it(`reads ${text} as ${canonical}`, () => assert.equal(formatRecordKey(parseRecordKey(text, 'key')), canonical));
  }

  for (const text of ['', ':443', 'host', 'host:0', 'host:65536', 'a b:443', '::1:443', '[::1:443', '[1.2.3.4]:443']) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.equal(toRecordKey(text), null);
      assert.equal(typedError(() => parseRecordKey(text, '--key')).where, '--key');
    });
  }

  it('never throws on rubbish', () => {
    fc.assert(fc.property(fc.string({ unit: anyCharacter }), (text) => void toRecordKey(text)));
  });
});
