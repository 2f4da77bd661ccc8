import fc from 'fast-check';
import { type CertificateBinding, makeCertificateBinding } from '../../src/kinds/tls/certificate-binding.ts';
import { canonicalIpv6 } from '../../src/model/certificates/ip-address.ts';
import { rawBinary } from '../../src/model/windows/raw-value.ts';

export const oldHash = 'A0'.repeat(20);
export const newHash = 'B1'.repeat(20);

const port = fc.integer({ min: 1, max: 65535 });
const keyText = fc.oneof(
  fc.tuple(fc.ipV4(), port).map(([address, number]) => `${address}:${number}`),
  fc.tuple(fc.ipV6(), port).map(([address, number]) => `[${canonicalIpv6(address)}]:${number}`),
  fc
    .tuple(fc.stringMatching(/^(\*\.)?[a-z][a-z0-9-]{0,8}\.[a-z]{2,4}$/), port)
    .map(([host, number]) => `${host}:${number}`),
);
const dword = fc.oneof(fc.constant(0), fc.nat(0xffffffff));
const name = fc.option(fc.stringMatching(/^[A-Za-z ]{1,8}$/).filter((text) => text.trim() !== ''));

/** Any record that names a certificate, with options known and unknown. */
export const anyRecord: fc.Arbitrary<CertificateBinding> = fc
  .record({
    key: keyText,
    thumbprint: fc.stringMatching(/^[0-9A-F]{40}$/),
    store: fc.constantFrom('My', 'WebHosting', 'Other store'),
    appId: fc.uuid().map((text) => `{${text}}`),
    flags: dword,
    certCheckMode: dword,
    revocationFreshnessSeconds: dword,
    urlRetrievalTimeoutMs: dword,
    ctlIdentifier: name,
    ctlStoreName: name,
    more: fc.dictionary(fc.stringMatching(/^x[a-z]{1,4}$/), fc.uint8Array({ maxLength: 5 }).map(rawBinary), {
      noNullPrototype: true,
      maxKeys: 2,
    }),
  })
  .map(makeCertificateBinding);
