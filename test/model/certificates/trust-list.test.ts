import assert from 'node:assert/strict';
import { fileTime, parseTrustList, type TrustForServers } from '../../../src/model/certificates/trust-list.ts';
import { element, oid, sequence } from '../../builders/certificate-der.ts';
import { fixture } from '../../support/fixture.ts';

/** Cut out of Microsoft's list of June 2025; what it says is compared with another program's reading of that list. */
const list = fixture('certificates/public-roots.stl');

describe('a list of public roots', () => {
  it('says of each root whether certificates of servers below it are trusted, and which', () => {
    const read = parseTrustList(list);
    assert.equal(read?.publishedAt, '2025-06-16T17:56:11.000Z');
    const wanted: readonly (readonly [string, TrustForServers])[] = [
      // Microsoft Root Certificate Authority of 1997: disabled altogether.
      [
        'CDD4EEAE6000AC7F40C3802C171E30148030C072',
        { forServers: true, endsAt: '2021-08-01T00:00:00.000Z', distrustsFrom: '2017-04-30T00:00:00.000Z' },
      ],
      [
        '18F7C1FCC3090203FD5BAA2F861A754976C8DD25',
        { forServers: false, endsAt: '2018-04-29T00:00:00.000Z', distrustsFrom: '2017-03-01T00:00:00.000Z' },
      ],
      ['CABD2A79A1076A31F21D253635CB039D4329A5E8', { forServers: true }],
      [
        'E12DFB4B41D7D9C32B30514BAC1D81D8385E2D46',
        { forServers: false, endsAt: '2023-02-01T00:00:00.000Z', distrustsFrom: '2021-04-01T00:00:00.000Z' },
      ],
      ['58D1DF9595676B63C0F05B1C174D8B840BC878BD', { forServers: true, distrustsFrom: '2022-11-01T00:00:00.000Z' }],
      // Its end concerns other usages.
      ['0FF9407618D3D76A4B98F0A8359E0CFD27ACCCED', { forServers: true }],
    ];
    assert.deepEqual(
      wanted.map(([identifier]) => read?.entry(identifier)?.trusted),
      wanted.map(([, trusted]) => trusted),
    );
  });

  it('names a root by its subject and its key too', () => {
    const read = parseTrustList(list);
    const isrg = read?.entry('CABD2A79A1076A31F21D253635CB039D4329A5E8');
    assert.deepEqual(read?.withSubject('73B6876195F5D18E048510422AEF04E3'), [isrg]);
    assert.deepEqual(read?.withSubject('79B459E67BB6E5E40173800888C81A58'), []);
    assert.equal(read?.entry('00'), null);
    assert.deepEqual(
      [isrg?.subjectName, isrg?.keyIdentifier],
      ['73B6876195F5D18E048510422AEF04E3', '79B459E67BB6E5E40173800888C81A58F6E99B6E'],
    );
  });

  it('is none where it is cut off before its entries, or something else', () => {
    assert.equal(parseTrustList(Buffer.alloc(0)), null);
    assert.equal(parseTrustList(fixture('certificates/signing.cer')), null);
    for (let length = 0; length < list.length; length++) parseTrustList(list.subarray(0, length));
  });
});

describe('an entry of a list', () => {
  const [client, server] = ['1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.1'].map(oid);
  const octets = (content: Buffer) => element(0x04, content);
  /** Properties by the last number of their identifiers. */
  const trusted = (properties: Readonly<Record<number, Buffer>>) => {
    const attributes = Object.entries(properties).map(([number, value]) =>
      sequence(oid(`1.3.6.1.4.1.311.10.11.${number}`), element(0x31, octets(value))),
    );
    const entry = sequence(octets(Buffer.from('0A0B', 'hex')), element(0x31, Buffer.concat(attributes)));
    const time = element(0x17, Buffer.from('260101000000Z'));
    const made = sequence(
      sequence(oid('1.3.6.1.4.1.311.10.3.9')),
      time,
      sequence(oid('1.3.14.3.2.26')),
      sequence(entry),
    );
    const content = sequence(oid('1.3.6.1.4.1.311.10.1'), element(0xa0, made));
    const signed = sequence(element(0x02, Buffer.from([1])), element(0x31, Buffer.alloc(0)), content);
    return parseTrustList(sequence(oid('1.2.840.113549.1.7.2'), element(0xa0, signed)))?.entry('0A0B')?.trusted;
  };
  const moment = Buffer.from('0080C82B6886D701', 'hex');
  const at = '2021-08-01T00:00:00.000Z';
  const of = (usage: Buffer | undefined) => sequence(usage ?? Buffer.alloc(0));

  it('ends or stops trusting for servers only where it says so, or names no usages', () => {
    assert.deepEqual(trusted({}), { forServers: true });
    assert.deepEqual(trusted({ 9: of(client) }), { forServers: false });
    assert.deepEqual(trusted({ 104: moment, 122: of(client) }), { forServers: true });
    assert.deepEqual(trusted({ 104: moment, 122: of(server) }), { forServers: true, endsAt: at });
    assert.deepEqual(trusted({ 104: moment }), { forServers: true, endsAt: at });
    assert.deepEqual(trusted({ 126: moment, 127: of(client) }), { forServers: true });
    assert.deepEqual(trusted({ 126: moment, 127: of(server) }), { forServers: true, distrustsFrom: at });
    assert.deepEqual(trusted({ 122: of(server), 127: of(server) }), { forServers: true });
  });
});

describe('a time of Windows', () => {
  it('counts 100 ns from 1601, and is the beginning where there is none', () => {
    assert.equal(fileTime(Buffer.from('0080C82B6886D701', 'hex')), '2021-08-01T00:00:00.000Z');
    assert.equal(fileTime(Buffer.alloc(3)), '1601-01-01T00:00:00.000Z');
    assert.doesNotThrow(() => fileTime(Buffer.alloc(8, 0xff)));
  });
});
