import assert from 'node:assert/strict';
import fc from 'fast-check';
import { makeCertificateBinding, type RecordParts } from '../../../src/kinds/tls/certificate-binding.ts';
import { cannotExpress, netshOptions } from '../../../src/kinds/tls/netsh-options.ts';
import { rawDword } from '../../../src/model/windows/raw-value.ts';
import { anyRecord, oldHash } from '../../support/records.ts';

const modern = [
  'appid',
  'certhash',
  'certstorename',
  'verifyclientcertrevocation',
  'verifyrevocationwithcachedclientcertonly',
  'usagecheck',
  'revocationfreshnesstime',
  'urlretrievaltimeout',
  'sslctlidentifier',
  'sslctlstorename',
  'dsmapperusage',
  'clientcertnegotiation',
  'reject',
  'disablehttp2',
  'disablequic',
  'disablelegacytls',
  'disabletls12',
  'disabletls13',
  'disableocspstapling',
  'enabletokenbinding',
  'logextendedevents',
  'enablesessionticket',
];
const plain: RecordParts = { key: '*:443', thumbprint: oldHash };

function line(parts: RecordParts, known: readonly string[] | null = null): string {
  return netshOptions(makeCertificateBinding(parts), known)
    .map(({ name, value }) => `${name}=${value}`)
    .join(' ');
}

describe('netsh options', () => {
  it('of a plain record name what every netsh knows, and no zero time', () => {
    assert.equal(
      line(plain),
      `ipport=0.0.0.0:443 certhash=${oldHash.toLowerCase()} certstorename=My appid={4dc3e181-e14b-4a21-b022-59fc669b0914} ` +
        'verifyclientcertrevocation=enable verifyrevocationwithcachedclientcertonly=disable usagecheck=enable ' +
        'dsmapperusage=disable clientcertnegotiation=disable',
    );
  });

  it('carry the key as its table wants it', () => {
    assert.match(line({ ...plain, key: 'shop.example.com:443' }), /^hostnameport=shop.example.com:443 /);
    assert.match(line({ ...plain, key: '[2001:db8::1]:443' }), /^ipport=\[2001:db8::1\]:443 /);
    assert.match(line({ key: '(central-store):443', thumbprint: null }), /^ccs=443 appid=/);
  });

  it('turn the bits that say no the right way round', () => {
    const parts = { ...plain, certCheckMode: 0x10007, flags: 0x13, ctlIdentifier: 'partners', ctlStoreName: 'CA' };
    const written = line({ ...parts, revocationFreshnessSeconds: 60, urlRetrievalTimeoutMs: 5 }, modern);
    for (const part of [
      'verifyclientcertrevocation=disable',
      'verifyrevocationwithcachedclientcertonly=enable',
      'usagecheck=disable',
      'revocationfreshnesstime=60',
      'urlretrievaltimeout=5',
      'sslctlidentifier=partners',
      'sslctlstorename=CA',
      'dsmapperusage=enable',
      'clientcertnegotiation=enable',
      'reject=disable',
      'disablehttp2=enable',
      'disablequic=disable',
    ]) {
      assert.ok(written.includes(part), `${part} in ${written}`);
    }
  });

  const cases: readonly (readonly [name: string, parts: Partial<RecordParts>, names: readonly string[]])[] = [
    ['a plain record', {}, []],
    ['every option that netsh lists', { flags: 0x1ffb, certCheckMode: 0x10007, revocationFreshnessSeconds: 1 }, []],
    ['a flag without a parameter', { flags: 0x4 }, ['flag no-raw-filter']],
    ['a flag that this netsh does not list', { flags: 0x4000 }, ['flag disable-session-id']],
    ['an unknown flag', { flags: 0x10000 }, ['flag 0x10000']],
    ['an unknown check mode', { certCheckMode: 0x8 }, ['check-mode 0x8']],
    ['a freshness time that is not used', { revocationFreshnessSeconds: 1 }, ['check-mode use-freshness-time']],
    ['the use of no freshness time', { certCheckMode: 4 }, ['check-mode use-freshness-time']],
    ['an unknown value', { more: { Novel: rawDword(0) } }, ['value Novel']],
    ['a quote in a name', { ctlIdentifier: 'a" certhash="b' }, ['text "a\\" certhash=\\"b"']],
  ];
  for (const [name, parts, names] of cases) {
    it(`say what they cannot express: ${name}`, () => {
      const record = makeCertificateBinding({ ...plain, ...parts });
      assert.deepEqual(cannotExpress(record, { update: true, options: modern }), names);
    });
  }

  it('do not trust a host that was not asked with more than the oldest options', () => {
    const record = makeCertificateBinding({ ...plain, flags: 0x12 });
    assert.deepEqual(cannotExpress(record, { update: null, options: null }), ['flag disable-http2']);
  });

  it('use no parameter that the host does not list, unless something is named as lost', () => {
    fc.assert(
      fc.property(anyRecord, fc.subarray(modern), (record, options) => {
        const known = new Set(['ipport', 'hostnameport', 'ccs', 'certhash', 'certstorename', 'appid', ...options]);
        const unknown = netshOptions(record, options).filter(({ name }) => !known.has(name));
        assert.ok(unknown.length === 0 || cannotExpress(record, { update: true, options }).length > 0);
        for (const { value } of netshOptions(record, options)) assert.notEqual(value, '0');
      }),
    );
  });
});
