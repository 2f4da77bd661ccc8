import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type CertificateNames,
  certificateNames,
  coversHost,
  normaliseHost,
} from '../../../src/model/certificates/host-name.ts';

function names(dnsNames: readonly string[], more: Partial<CertificateNames> = {}): CertificateNames {
  return { commonName: null, ipAddresses: [], ...more, dnsNames };
}

describe('host name', () => {
  for (const [text, host] of [
    ['SHOP.Example.com', 'shop.example.com'],
    [' shop.example.com. ', 'shop.example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['BÜCHER.example', 'xn--bcher-kva.example'],
    ['XN--BCHER-KVA.example', 'xn--bcher-kva.example'],
    ['*.Bücher.example', '*.xn--bcher-kva.example'],
    ['intranet', 'intranet'],
    ['_srv.my_host.example', '_srv.my_host.example'],
  ] as const) {
    it(`is normalised: ${text}`, () => assert.equal(normaliseHost(text), host));
  }

  for (const text of [
    '',
    '.',
    '*',
    '*.',
    'a..b',
    'a b',
    'a:b',
    'a/b',
    'f*.example.com',
    '*.*.com',
    '[::1]',
    '*.1.2.3.4',
  ]) {
    it(`is refused: ${JSON.stringify(text)}`, () => assert.equal(normaliseHost(text), null));
  }

  it('is refused when it turns into an address only by conversion', () =>
    assert.equal(normaliseHost('１２７.0.0.1'), null));

  it('stays as it is once normalised', () => {
    fc.assert(
      fc.property(fc.oneof(fc.domain(), fc.string({ unit: 'grapheme' })), (text) => {
        const once = normaliseHost(text);
        if (once !== null) assert.equal(normaliseHost(once), once);
      }),
    );
  });
});

describe('names of a certificate', () => {
  it('are the alternative names, and not the common name beside a dNSName', () => {
    const certificate = names(['a.example'], { commonName: 'cn.example', ipAddresses: ['192.0.2.1'] });
    assert.deepEqual(certificateNames(certificate), ['a.example', '192.0.2.1']);
  });

  it('are the common name where there is no dNSName', () => {
    assert.deepEqual(certificateNames(names([], { commonName: 'CN.Example', ipAddresses: ['192.0.2.1'] })), [
      'cn.example',
      '192.0.2.1',
    ]);
  });

  it('do not include a common name that is no host', () =>
    assert.deepEqual(certificateNames(names([], { commonName: 'Example Inc.' })), []));
});

describe('a certificate covers a host', () => {
  const certificate = names(['shop.example.com', '*.example.org', '*.com', '*', 'f*.example.net'], {
    commonName: 'only-cn.example',
    ipAddresses: ['192.0.2.1', '2001:db8::1'],
  });
  for (const [host, covered] of [
    ['shop.example.com', true],
    ['SHOP.example.COM.', true],
    ['www.shop.example.com', false],
    ['a.example.org', true],
    ['xn--bcher-kva.example.org', true],
    ['bücher.example.org', true],
    ['example.org', false],
    ['a.b.example.org', false],
    ['*.example.org', true],
    ['*.a.example.org', false],
    ['*.example.com', false],
    ['example.com', false],
    ['foo.example.net', false],
    ['only-cn.example', false],
    ['intranet', false],
    ['192.0.2.1', true],
    ['192.0.2.2', false],
    ['2001:db8::1', true],
    ['[2001:DB8:0::1]', true],
    ['[2001:db8::2]', false],
    ['', false],
  ] as const) {
    it(`${host || 'no host'}: ${covered ? 'yes' : 'no'}`, () => assert.equal(coversHost(certificate, host), covered));
  }

  it('never an address by wildcard or by common name', () => {
    assert.equal(coversHost(names(['*.0.2.1']), '192.0.2.1'), false);
    assert.equal(coversHost(names([], { commonName: '192.0.2.1' }), '192.0.2.1'), false);
  });

  it('by its common name when it has no dNSName, wildcards included', () =>
    assert.equal(coversHost(names([], { commonName: '*.example.com' }), 'www.example.com'), true));

  it('of a wildcard binding only by the same wildcard', () => {
    const each = fc.constantFrom('a.example.org', 'b.example.org', '*.a.example.org', '*.org', '*.example.com');
    fc.assert(fc.property(fc.array(each), (list) => !coversHost(names(list), '*.example.org')));
  });
});
