import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { certificatesInFile } from '../../../src/model/certificates/certificate-files.ts';
import { fixture } from '../../support/fixture.ts';

const rsa = fixture('certificates/rsa-names.cer');
const ec = fixture('certificates/ec-common-name.cer');
const two = fixture('certificates/two.p7b');
const pem = (label: string, der: Buffer) =>
  `-----BEGIN ${label}-----\r\n${der.toString('base64').replace(/.{64}/g, '$&\r\n')}\r\n-----END ${label}-----\r\n`;
const prints = (file: Uint8Array) =>
  certificatesInFile(file)
    .map((der) => new X509Certificate(der).fingerprint)
    .sort();
const [rsaPrint, ecPrint] = [rsa, ec].map((der) => new X509Certificate(der).fingerprint);
const both = [rsaPrint, ecPrint].sort();

describe('certificates in a file', () => {
  for (const [name, bytes, expected] of [
    ['DER', rsa, [rsaPrint]],
    ['PEM', Buffer.from(pem('CERTIFICATE', rsa)), [rsaPrint]],
    ['PEM in UTF-16, as PowerShell writes it', Buffer.from(`\uFEFF${pem('CERTIFICATE', rsa)}`, 'utf16le'), [rsaPrint]],
    [
      'PEM with a chain and a key',
      Buffer.from(`Bag\n${pem('CERTIFICATE', rsa)}${pem('PRIVATE KEY', ec)}${pem('CERTIFICATE', ec)}`),
      both,
    ],
    ['PKCS #7 in DER', two, both],
    ['PKCS #7 in PEM', Buffer.from(pem('PKCS7', two)), both],
    ['PKCS #7 under the label that Windows writes', Buffer.from(pem('CERTIFICATE', two)), both],
    ['bare base64', Buffer.from(two.toString('base64')), both],
    ['a key alone', Buffer.from(pem('PRIVATE KEY', rsa)), []],
    ['a request', Buffer.from(pem('CERTIFICATE REQUEST', rsa)), []],
    ['nothing', Buffer.alloc(0), []],
  ] as const) {
    it(`are found: ${name}`, () => assert.deepEqual(prints(bytes), expected));
  }

  it('are never misread from a damaged file, only missing', () => {
    fc.assert(
      fc.property(fc.nat(two.length - 1), fc.nat(255), fc.nat(two.length), (at, byte, length) => {
        const damaged = Buffer.from(two);
        damaged[at] = byte;
        certificatesInFile(damaged.subarray(0, length));
      }),
    );
  });
});
