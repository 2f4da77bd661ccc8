import assert from 'node:assert/strict';
import { makeCertificateBinding } from '../../../src/kinds/tls/certificate-binding.ts';
import { decodeHttpSysTables, httpParametersPath, keyOfEntry } from '../../../src/kinds/tls/http-sys-tables.ts';
import { rawBinary, rawString } from '../../../src/model/windows/raw-value.ts';
import { encodeHttpSysRecord } from '../../builders/http-sys-entry.ts';
import { thumbprintOf } from '../../builders/snapshot.ts';

const values = { SslCertHash: rawBinary(new Uint8Array(20).fill(0xab)) };

/** The key of the record that an entry below the parameters is; `unreadable`, or `null` when it is no entry at all. */
function keyAt(path: string): string | null {
  const { records, unreadable } = decodeHttpSysTables([{ path: `${httpParametersPath}\\${path}`, values }]);
  return records[0]?.key ?? (unreadable.length > 0 ? 'unreadable' : null);
}

describe('an entry of the HTTP.SYS tables', () => {
  for (const [path, key] of [
    ['SslBindingInfo\\0.0.0.0:443', '0.0.0.0:443'],
    ['sslbindinginfo\\[::1]:443', '[::1]:443'],
    ['SslBindingInfo\\shop.example.com:443', 'unreadable'],
    ['SslBindingInfo\\(central-store):443', 'unreadable'],
    ['SslBindingInfo\\nonsense', 'unreadable'],
    ['SslBindingInfo', null],
    ['SslBindingInfo\\0.0.0.0:443\\Extra', null],
    ['UrlAclInfo\\0.0.0.0:443', null],
    ['SslSniBindingInfo\\shop.example.com:443', 'shop.example.com:443'],
    ['SslSniBindingInfo\\SHOP.example.com:1', 'shop.example.com:1'],
    ['SslSniBindingInfo\\shop.example.com:65535', 'shop.example.com:65535'],
    ['SslSniBindingInfo\\shop.example.com:0', 'unreadable'],
    ['SslSniBindingInfo\\shop.example.com:65536', 'unreadable'],
    ['SslSniBindingInfo\\shop.example.com:443x', 'unreadable'],
    ['SslSniBindingInfo\\shop.example.com', 'unreadable'],
    ['SslSniBindingInfo\\192.0.2.1:443', 'unreadable'],
    ['SslSniBindingInfo\\not a host:443', 'unreadable'],
    ['SslSniBindingInfo\\*:443', '(central-store):443'],
    ['SslCcsBindingInfo\\443', '(central-store):443'],
    ['SslCcsBindingInfo\\*:8443', '(central-store):8443'],
    ['SslCcsBindingInfo\\443x', 'unreadable'],
    ['SslCcsBindingInfo\\x443', 'unreadable'],
    ['SslCcsBindingInfo\\0', 'unreadable'],
  ] as const)
    it(`${path} is ${key ?? 'none'}`, () => {
      assert.equal(keyAt(path), key);
      const only = keyOfEntry({ path: `${httpParametersPath}\\${path}`, values: {} });
      assert.equal(only, key === 'unreadable' ? null : key);
    });

  const thumbprint = thumbprintOf('a');
  for (const [key, layout, path] of [
    ['0.0.0.0:443', 'guid', 'SslBindingInfo\\0.0.0.0:443'],
    ['shop.example.com:443', 'name', 'SslSniBindingInfo\\shop.example.com:443'],
    ['(central-store):443', 'guid', 'SslCcsBindingInfo\\443'],
    ['(central-store):443', 'name', 'SslCcsBindingInfo\\443'],
  ] as const)
    it(`${key} is written as ${path} where names are by ${layout}`, () => {
      const record = makeCertificateBinding({ key, thumbprint: key.startsWith('(') ? null : thumbprint });
      const { path: written, values: all } = encodeHttpSysRecord(record, { sniLayout: layout });
      assert.equal(written, `${httpParametersPath}\\${path}`);
      assert.equal('HostnamePort' in all, false);
      assert.equal(decodeHttpSysTables([{ path: written, values: all }]).records[0]?.key, key);
    });

  it('by server name has a GUID of its own where names are values, the same one each time', () => {
    const encoded = (key: string) =>
      encodeHttpSysRecord(makeCertificateBinding({ key, thumbprint }), { sniLayout: 'guid' });
    const { path, values: all } = encoded('shop.example.com:443');
    assert.match(path, /\\SslSniBindingInfo\\\{[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}$/);
    assert.deepEqual(all.HostnamePort, rawString('shop.example.com:443'));
    assert.equal(encoded('shop.example.com:443').path, path);
    assert.notEqual(encoded('www.example.com:443').path, path);
  });
});
