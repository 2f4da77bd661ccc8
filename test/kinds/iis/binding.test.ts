import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type BindingParts, flagsOnRecord, parseBinding } from '../../../src/kinds/iis/binding.ts';
import { formatRecordKey, parseRecordKey, toRecordKey } from '../../../src/kinds/record-key.ts';
import { anyCharacter } from '../../support/any-character.ts';

type Row = readonly [
  protocol: string,
  information: string,
  flags: number,
  key: string | null,
  parts: BindingParts | null,
];

const rows: readonly Row[] = [
  ['https', '*:443:', 0, '0.0.0.0:443', { address: '*', port: 443, host: '' }],
  ['https', '0.0.0.0:443:', 0, '0.0.0.0:443', { address: '0.0.0.0', port: 443, host: '' }],
  ['https', '192.0.2.1:443:', 0, '192.0.2.1:443', { address: '192.0.2.1', port: 443, host: '' }],
  ['https', '[2001:DB8:0::1]:443:', 0, '[2001:db8::1]:443', { address: '2001:db8::1', port: 443, host: '' }],
  ['https', '[::]:443:', 0, '[::]:443', { address: '::', port: 443, host: '' }],
  ['https', '[::1]:443:a.example', 0, '[::1]:443', { address: '::1', port: 443, host: 'a.example' }],
  ['HTTPS', '*:443:A.Example', 1, 'a.example:443', { address: '*', port: 443, host: 'a.example' }],
  ['https', '*:443:A.Example', 0, '0.0.0.0:443', { address: '*', port: 443, host: 'a.example' }],
  ['https', '192.0.2.1:443:a.example', 1, 'a.example:443', { address: '192.0.2.1', port: 443, host: 'a.example' }],
  ['https', '[::1]:443:a.example', 1, 'a.example:443', { address: '::1', port: 443, host: 'a.example' }],
  ['https', '*:443:*.example.org', 1, '*.example.org:443', { address: '*', port: 443, host: '*.example.org' }],
  [
    'https',
    '*:443:bücher.example',
    33,
    'xn--bcher-kva.example:443',
    { address: '*', port: 443, host: 'xn--bcher-kva.example' },
  ],
  ['https', '*:443:', 1, '0.0.0.0:443', { address: '*', port: 443, host: '' }],
  ['https', '*:443:', 2, '(central-store):443', { address: '*', port: 443, host: '' }],
  ['https', '*:444:a.example', 3, '(central-store):444', { address: '*', port: 444, host: 'a.example' }],
  ['https', ' * : 443 : a.example ', 1, 'a.example:443', { address: '*', port: 443, host: 'a.example' }],
  ['https', ':443:', 0, '0.0.0.0:443', { address: '*', port: 443, host: '' }],
  ['https', ' :443:A.Example', 0, '0.0.0.0:443', { address: '*', port: 443, host: 'a.example' }],
  ['https', ':443:a.example', 1, 'a.example:443', { address: '*', port: 443, host: 'a.example' }],
  ['https', ':443:', 2, '(central-store):443', { address: '*', port: 443, host: '' }],
  ['http', ':80:a.example', 0, null, { address: '*', port: 80, host: 'a.example' }],
  ['http', '*:80:a.example', 0, null, { address: '*', port: 80, host: 'a.example' }],
  ['ftp', '*:21:', 0, null, { address: '*', port: 21, host: '' }],
  ['net.tcp', '808:*', 0, null, null],
  ['net.pipe', '*', 0, null, null],
  ['https', '*:443', 0, null, null],
  ['https', '', 0, null, null],
  ['https', '[]:443:', 0, null, null],
  ['https', '*:0:', 0, null, null],
  ['https', '*:65536:', 0, null, null],
  ['https', '*:https:', 0, null, null],
  ['https', '::1:443:', 0, null, null],
  ['https', '[::1:443:', 0, null, null],
  ['https', '[192.0.2.1]:443:', 0, null, null],
  ['https', '192.0.2.256:443:', 0, null, null],
  ['https', '*:443:*', 1, null, null],
  ['https', '*:443:a b', 1, null, null],
  ['https', '*:443:a:b', 1, null, null],
  ['https', '*:443:192.0.2.7', 1, null, null],
];

describe('binding', () => {
  for (const [protocol, information, flags, key, parts] of rows) {
    it(`${protocol} ${JSON.stringify(information)} with flags ${flags} stands on ${key ?? 'no record'}`, () => {
      assert.deepEqual(parseBinding(protocol, information, flags), {
        protocol,
        information,
        sslFlags: flags,
        parts,
        recordKey: key,
      });
    });
  }

  for (const [information, key, flags] of [
    ['*:443:', '0.0.0.0:443', [0, 1]],
    ['*:443:a.example.com', '0.0.0.0:443', [0]],
    ['*:443:a.example.com', 'a.example.com:443', [1]],
    ['*:443:a.example.com', '(central-store):443', [2, 3]],
    ['*:443:a.example.com', 'b.example.com:443', []],
  ] as const) {
    it(`${information} stands on ${key} with the lowest flags [${flags.join(', ')}]`, () =>
      assert.deepEqual(flagsOnRecord(information, formatRecordKey(parseRecordKey(key, 'test'))), flags));
  }

  it('keeps every flag bit, and only the two lowest decide about the record', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (flags) => {
        const binding = parseBinding('https', '*:443:a.example', flags);
        assert.equal(binding.sslFlags, flags);
        assert.equal(binding.recordKey, parseBinding('https', '*:443:a.example', flags % 4).recordKey);
      }),
    );
  });

  it('survives rubbish and keeps it as written', () => {
    const rubbish = fc.oneof(fc.string({ unit: anyCharacter }), fc.stringMatching(/^[\d.:*[\]a-f -]{0,20}$/));
    fc.assert(
      fc.property(rubbish, fc.nat(255), (information, flags) => {
        const binding = parseBinding('https', information, flags);
        assert.equal(binding.information, information);
        assert.equal(binding.parts === null, binding.recordKey === null);
        if (binding.recordKey !== null) assert.notEqual(toRecordKey(binding.recordKey), null);
      }),
    );
  });
});
