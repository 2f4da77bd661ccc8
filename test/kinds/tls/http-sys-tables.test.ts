import assert from 'node:assert/strict';
import fc from 'fast-check';
import { lostOrChangedOptions, makeCertificateBinding } from '../../../src/kinds/tls/certificate-binding.ts';
import { decodeHttpSysTables, httpParametersPath } from '../../../src/kinds/tls/http-sys-tables.ts';
import { cannotExpress } from '../../../src/kinds/tls/netsh-options.ts';
import { formatRegistryExport, parseRegistryExport } from '../../../src/lab/host/registry-export.ts';
import { type RawValue, rawBinary, rawDword, rawString } from '../../../src/model/windows/raw-value.ts';
import { encodeHttpSysRecord } from '../../builders/http-sys-entry.ts';
import { each } from '../../support/each.ts';
import { fixture } from '../../support/fixture.ts';
import { anyRecord } from '../../support/records.ts';

function entry(subKey: string, values: Record<string, RawValue>) {
  return decodeHttpSysTables([{ path: `${httpParametersPath}\\${subKey}`, values }]);
}

const hash = rawBinary(new Uint8Array(20).fill(0xab));

describe('HTTP.SYS tables', () => {
  const tables = decodeHttpSysTables(parseRegistryExport(fixture('registry/http-parameters.reg')));
  const record = (key: string) => tables.records.find((candidate) => candidate.key === key);

  it('of an export give every record, by key', () => {
    assert.deepEqual(
      tables.records.map(({ key, thumbprint, store }) => [key, thumbprint?.slice(0, 2) ?? null, store]),
      [
        ['0.0.0.0:443', '11', 'My'],
        ['[2001:db8::1]:443', '22', 'WebHosting'],
        ['0.0.0.0:9443', '33', 'My'],
        ['(central-store):443', null, 'My'],
        ['shop.example.com:443', '44', 'My'],
        ['*.example.org:443', '44', 'My'],
      ],
    );
  });

  it('decode options and keep what has no name', () => {
    assert.deepEqual(record('[2001:db8::1]:443')?.options, {
      flags: 0x32,
      flagNames: ['negotiate-client-cert', 'disable-http2', 'disable-quic'],
      unknownFlags: 0,
      certCheckMode: 0x10001,
      revocationFreshnessSeconds: 3600,
      urlRetrievalTimeoutMs: 15000,
      ctlIdentifier: null,
      ctlStoreName: null,
      unknownValues: [],
    });
    const other = record('0.0.0.0:9443');
    assert.equal(other?.appId, '{5d8e2743-ef20-4d38-8751-7e400f200e65}');
    assert.equal(other?.options.unknownFlags, 0x10000);
    assert.deepEqual([other?.options.ctlIdentifier, other?.options.ctlStoreName], ['partners', 'CA']);
    assert.deepEqual(other?.options.unknownValues, ['TlsHelloWindow', 'ExtendedSettings']);
    assert.equal(other?.raw.TlsHelloWindow?.type, 'REG_QWORD');
  });

  it('tell of sub-keys of an entry, which nothing can write again', () => {
    const path = `${httpParametersPath}\\SslBindingInfo\\0.0.0.0:443`;
    const keys = [{ path, values: { SslCertHash: hash } }];
    const below = ['0', '4'].map((name) => ({ path: `${path}\\${name}`, values: { Property: rawDword(1) } }));
    const [plain] = decodeHttpSysTables(keys).records;
    const [extended] = decodeHttpSysTables([...keys, ...below]).records;
    assert.ok(plain !== undefined && extended !== undefined);
    assert.deepEqual(plain.options.unknownValues, []);
    assert.deepEqual(extended.options.unknownValues, ['0\\', '4\\']);
    assert.deepEqual(lostOrChangedOptions(extended, plain), ['value 0\\', 'value 4\\']);
    assert.deepEqual(cannotExpress(extended, { update: true, options: null }), ['value 0\\', 'value 4\\']);
  });

  it('name the entry that cannot be decoded', () => {
    assert.deepEqual(tables.unreadable, [
      {
        where: `${httpParametersPath}\\SslBindingInfo\\0.0.0.0:7443`,
        text: '0.0.0.0:7443',
        why: 'the hash has 32 bytes, not 20',
      },
    ]);
  });

  it('are read in the layout of older servers', () => {
    const { records, unreadable } = decodeHttpSysTables(
      parseRegistryExport(fixture('registry/http-parameters-2012r2.reg')),
    );
    assert.deepEqual(each(records, 'key'), ['192.0.2.10:443', 'shop.example.com:443', '(central-store):443']);
    assert.deepEqual(unreadable, []);
  });

  for (const [written, store] of [
    [undefined, 'My'],
    ['', 'My'],
    ['MY', 'My'],
    ['(null)', 'My'],
    ['webhosting', 'WebHosting'],
    ['Remote Desktop', 'Remote Desktop'],
  ] as const) {
    it(`read the store ${JSON.stringify(written)} as ${store}`, () => {
      const values = { SslCertHash: hash, ...(written === undefined ? {} : { SslCertStoreName: rawString(written) }) };
      assert.equal(entry('SslBindingInfo\\0.0.0.0:1', values).records[0]?.store, store);
    });
  }

  for (const [subKey, values, why] of [
    ['SslBindingInfo\\host:443', {}, /not the key of a record in SslBindingInfo/],
    ['SslSniBindingInfo\\192.0.2.1:443', {}, /not the key of a record in SslSniBindingInfo/],
    ['SslSniBindingInfo\\{0d2e4a5c-1111-4222-8333-944455566677}', {}, /not the key of a record/],
    ['SslCcsBindingInfo\\all', {}, /not the key of a record in SslCcsBindingInfo/],
    ['SslBindingInfo\\0.0.0.0:1', { DefaultFlags: rawString('1') }, /DefaultFlags has the wrong type/],
    ['SslBindingInfo\\0.0.0.0:1', { sslcerthash: rawDword(1) }, /SslCertHash has the wrong type/],
    ['SslBindingInfo\\0.0.0.0:1', { AppId: rawBinary(new Uint8Array(3)) }, /the application id has 3 bytes/],
  ] as const) {
    it(`do not guess at ${subKey} ${Object.keys(values)}`, () => {
      const { records, unreadable } = entry(subKey, values);
      assert.deepEqual(records, []);
      assert.match(unreadable[0]?.why ?? '', why);
    });
  }

  it('do not take the bytes of one type for those of another', () => {
    const flags = rawDword(2);
    const { records, unreadable } = decodeHttpSysTables([
      { path: `${httpParametersPath}\\SslBindingInfo\\0.0.0.0:1`, values: { DefaultFlags: flags } },
      {
        path: `${httpParametersPath}\\SslBindingInfo\\0.0.0.0:2`,
        values: { DefaultFlags: { ...flags, type: 'REG_BINARY' } },
      },
    ]);
    assert.deepEqual(
      records.map(({ options }) => options.flags),
      [2],
    );
    assert.match(unreadable[0]?.why ?? '', /DefaultFlags/);
  });

  it('name a second entry for one key and keep the first', () => {
    const values = (byte: number) => ({
      HostnamePort: rawString('a.example:443'),
      SslCertHash: rawBinary(new Uint8Array(20).fill(byte)),
    });
    const path = `${httpParametersPath}\\SslSniBindingInfo`;
    const { records, unreadable } = decodeHttpSysTables([
      { path: `${path}\\{1}`, values: values(1) },
      { path: `${path}\\A.example:443`, values: values(2) },
    ]);
    assert.deepEqual(each(records, 'thumbprint'), ['01'.repeat(20)]);
    assert.match(unreadable[0]?.why ?? '', /a second entry for a.example:443/);
  });

  it('pass over keys that are no entries', () => {
    const paths = [httpParametersPath, `${httpParametersPath}\\SslBindingInfo`, `${httpParametersPath}\\UrlAclInfo\\x`];
    const nothing = { records: [], unreadable: [] };
    assert.deepEqual(decodeHttpSysTables(paths.map((path) => ({ path, values: {} }))), nothing);
  });

  it('give back every record that was written into them, in either layout and through an export', () => {
    fc.assert(
      fc.property(anyRecord, fc.constantFrom('guid' as const, 'name' as const), (original, sniLayout) => {
        const key = encodeHttpSysRecord(original, { sniLayout });
        const text = Buffer.from(`\uFEFF${formatRegistryExport([key])}`, 'utf16le');
        const { records, unreadable } = decodeHttpSysTables(parseRegistryExport(text));
        assert.deepEqual(unreadable, []);
        const { HostnamePort: _, ...raw } = records[0]?.raw ?? {};
        assert.deepEqual({ ...records[0], raw }, original);
      }),
    );
  });

  it('never throw, whatever the values are', () => {
    const value = fc.record(
      { type: fc.constantFrom('REG_SZ', 'REG_BINARY', 'REG_DWORD', 'REG_NONE'), base64: fc.base64String() },
      { noNullPrototype: true },
    );
    const names = [
      'HostnamePort',
      ...Object.keys(makeCertificateBinding({ key: '*:443', thumbprint: null }).raw),
      'SslCertHash',
    ];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), value), fc.string(), (values, subKey) => {
        const { records, unreadable } = entry(`SslSniBindingInfo\\${subKey}`, values);
        assert.ok(records.length + unreadable.length <= 1);
      }),
    );
  });
});
