import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseCertificate, type StoreProperties } from '../../../src/model/certificates/certificate.ts';
import { coversHost } from '../../../src/model/certificates/host-name.ts';
import { labState } from '../../builders/lab.ts';
import { fixture } from '../../support/fixture.ts';
import { throwsOnlyTypedErrors, typedError } from '../../support/only-typed-errors.ts';

const properties: StoreProperties = {
  store: 'MY',
  key: 'usable',
  archived: false,
  renewedTo: null,
  friendlyName: 'Shop 2026',
};

describe('certificate', () => {
  it('is read with names, times, usages and key', () => {
    const certificate = parseCertificate(fixture('certificates/rsa-names.cer'), properties);
    assert.deepEqual(certificate, {
      thumbprint: 'BF52DC094F9005929074FCB55D044235919B2BBB',
      sha256: certificate.sha256,
      store: 'My',
      subject: 'E=ops@example.com, CN=second.example.com, CN=shop.example.com, O=Example\\, Inc., S=Hessen, C=DE',
      issuer: certificate.subject,
      serialNumber: certificate.serialNumber,
      commonName: 'shop.example.com',
      dnsNames: ['shop.example.com', '*.example.org', 'xn--bcher-kva.example'],
      ipAddresses: ['192.0.2.10', '2001:db8::1'],
      notBefore: certificate.notBefore,
      notAfter: '2126-10-31T15:54:28.000Z',
      ekus: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'],
      keyType: 'RSA 2048',
      key: 'usable',
      publicKey: '19F42998968A6E37BAE97E8D90996A4B92C2749E47664234F2E9E6D1562FDDDA',
      selfSigned: true,
      archived: false,
      renewedTo: null,
      friendlyName: 'Shop 2026',
      chain: 'unknown',
    });
    assert.match(certificate.sha256, /^[0-9A-F]{64}$/);
    assert.match(certificate.serialNumber, /^[0-9A-F]+$/);
  });

  it('without extensions has its common name, no usages and an unknown chain', () => {
    const certificate = parseCertificate(fixture('certificates/ec-common-name.cer'), properties);
    assert.deepEqual(
      [certificate.commonName, certificate.dnsNames, certificate.ekus, certificate.keyType, certificate.chain],
      ['bare.example.com', [], null, 'EC P-256', 'unknown'],
    );
    assert.ok(coversHost(certificate, 'bare.example.com'));
  });

  it('has its common name in plain letters, also from a part of several types', () => {
    const certificate = parseCertificate(fixture('certificates/escaped-name.cer'), properties);
    assert.equal(certificate.commonName, 'Shop, "old" + new');
    assert.equal(certificate.keyType, 'EC P-384');
    assert.equal(certificate.subject, 'CN=Shop\\, \\"old\\" \\+ new, OU=Sales, O=Example');
  });

  it('whose name contains a comma does not gain a second name', () => {
    const certificate = parseCertificate(fixture('certificates/trick-names.cer'), properties);
    assert.deepEqual(certificate.dnsNames, ['evil.example.com, dns:bank.example.com', 'good.example.com']);
    assert.ok(!coversHost(certificate, 'bank.example.com'));
    assert.ok(!coversHost(certificate, 'evil.example.com'));
    assert.deepEqual([certificate.ekus, certificate.keyType], [['1.3.6.1.5.5.7.3.3'], 'Ed25519']);
  });

  it('has its names as hosts are compared, however they are written', () => {
    const { certificates } = labState()
      .certificate('odd', { names: ['SHOP.example.com.', '*.Example.org'] })
      .build();
    assert.deepEqual(
      certificates[0] && parseCertificate(Buffer.from(certificates[0].der, 'base64'), properties).dnsNames,
      ['shop.example.com', '*.example.org'],
    );
  });

  it('that is damaged ends in a typed error naming the store', () => {
    const whole = fixture('certificates/ec-common-name.cer');
    for (const bytes of [Buffer.alloc(0), whole.subarray(0, 100), Buffer.from('rubbish')]) {
      const error = typedError(() => parseCertificate(bytes, properties));
      assert.deepEqual([error.code, error.where], ['bad-input', 'MY']);
    }
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (flips) => {
          const damaged = Buffer.from(whole);
          for (const [at, byte] of flips) damaged[at] = byte;
          throwsOnlyTypedErrors(() => parseCertificate(damaged, properties));
        },
      ),
      { numRuns: 500 },
    );
  });
});
