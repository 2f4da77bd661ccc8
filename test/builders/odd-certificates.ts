import fc from 'fast-check';
import { elements } from '../../src/model/certificates/der.ts';
import { fixture } from '../support/fixture.ts';
import { certificateDer, type DerParts, element, oid, sequence } from './certificate-der.ts';

/** An authority and what it signed, as they are made by name. */
export const made = (subject: string, issuer: string, parts: Partial<DerParts> = {}) =>
  certificateDer({
    subject,
    issuer,
    names: [],
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '2027-01-01T00:00:00Z',
    ekus: null,
    keyType: 'ed25519',
    seed: subject,
    authority: true,
    signedBy: issuer,
    ...parts,
  });

const bits = (content: Buffer) => element(0x03, Buffer.concat([Buffer.alloc(1), content]));
const integer = (...bytes: readonly number[]) => element(0x02, Buffer.from(bytes));
/** Longer than OpenSSL takes. */
const prime = sequence(oid('1.2.840.10045.1.1'), integer(...Array<number>(100).fill(0x7f)));
const curve = sequence(element(0x04, Buffer.from([1])), element(0x04, Buffer.from([1])));
const ecParameters = sequence(integer(1), prime, curve, element(0x04, Buffer.from([4, 0, 1])), integer(29));

/** Public keys that Node 22 cannot read (DER, SubjectPublicKeyInfo); a later one reads the first. */
export const unreadableKeys: Readonly<Record<string, Buffer>> = {
  'ML-DSA': sequence(sequence(oid('2.16.840.1.101.3.4.3.17')), bits(Buffer.alloc(1312, 7))),
  GOST: sequence(
    sequence(oid('1.2.643.7.1.1.1.1'), sequence(oid('1.2.643.2.2.35.1'), oid('1.2.643.7.1.1.2.2'))),
    bits(element(0x04, Buffer.alloc(64, 7))),
  ),
  'EC at infinity': sequence(sequence(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7')), bits(Buffer.alloc(1))),
  'EC with explicit parameters': sequence(
    sequence(oid('1.2.840.10045.2.1'), ecParameters),
    bits(Buffer.from([4, 0, 1])),
  ),
};

/** With a negative value, of whose key Node tells the kind, and ends the process when it is asked for more. */
const negativeDsa = Buffer.from(fixture('certificates/dsa.cer'));
negativeDsa[720] = 0xcc;

const long = (bytes: number, tag = 0x06) => element(tag, Buffer.alloc(bytes, 0x81));
const template = (value: Buffer): Partial<DerParts> => ({ more: [['1.3.6.1.4.1.311.21.7', sequence(value)]] });
const named = (...names: readonly string[]): Partial<DerParts> => ({ names });
/** Of the same length, so that no length around it changes. */
const exchanged = (der: Buffer, old: string, by: string) => {
  const at = der.indexOf(old, 0, 'latin1');
  if (at < 0 || old.length !== by.length) throw new RangeError(`no ${old} of that length`);
  return Buffer.concat([der.subarray(0, at), Buffer.from(by, 'latin1'), der.subarray(at + old.length)]);
};

/** Each as an authority that signed `leaf.example.com`, as far as its bytes allow. */
export const oddShapes: Readonly<Record<string, Buffer>> = {
  ...Object.fromEntries(
    Object.entries(unreadableKeys).map(([key, publicKey]) => [`key of ${key}`, made('Issuing', 'Root', { publicKey })]),
  ),
  'a negative DSA key': negativeDsa,
  'ML-DSA of RFC 9881': fixture('certificates/ml-dsa-44.cer'),
  'SLH-DSA of RFC 9909': fixture('certificates/slh-dsa-128s.cer'),
  'an end that is no date': exchanged(made('Issuing', 'Root'), '20270101000000Z', '20271399000000Z'),
  'an end without digits': exchanged(made('Issuing', 'Root'), '20270101000000Z', 'soon, or later '),
  'a version that does not exist': exchanged(made('Issuing', 'Root'), '\xa0\x03\x02\x01\x02', '\xa0\x03\x02\x01\x7f'),
  'a negative number': exchanged(made('Issuing', 'Root'), '\x02\x10\x40', '\x02\x10\xc0'),
  'two of each extension': made('Issuing', 'Root', {
    ekus: ['1.3.6.1.5.5.7.3.1'],
    more: [
      ['2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.2'))],
      ['2.5.29.19', sequence()],
    ],
  }),
  'a name that is not UTF-8': exchanged(made('Issuing', 'Root'), 'Issuing', 'Iss\xff\xfe\xc0\x80'),
  'a name with a NUL': exchanged(made('Issuing', 'Root'), 'Issuing', 'Iss\0ing'),
  'an empty name': made('', ''),
  '3,000 names': made('Issuing', 'Root', named(...Array.from({ length: 3000 }, (_, at) => `h${at}.example.com`))),
  'a name of 60 KB': made('Issuing', 'Root', named('a.'.repeat(30_000))),
  'a template of 60 KB': made('Issuing', 'Root', template(long(60_000))),
  'a usage of 60 KB': made('Issuing', 'Root', { more: [['2.5.29.37', sequence(long(60_000))]] }),
  'more than 64 KB': made('Issuing', 'Root', template(long(70_000))),
  '900 KB': made('Issuing', 'Root', template(long(900_000))),
  'no certificate': Buffer.from('no certificate'),
  nothing: Buffer.alloc(0),
};

/** Certificates with some of their parts exchanged for others, each still in its place with a length that fits. */
export const mutatedCertificates: fc.Arbitrary<Buffer> = fc
  .tuple(
    fc.constantFrom(
      made('Issuing', 'Root'),
      made('leaf.example.com', 'Issuing', { names: ['leaf.example.com'], ekus: ['1.3.6.1.5.5.7.3.1'], keyType: 'rsa' }),
      ...['ml-dsa-44', 'slh-dsa-128s', 'rsa-names', 'trick-names', 'escaped-name', 'pss'].map((name) =>
        fixture(`certificates/${name}.cer`),
      ),
    ),
    fc.array(fc.tuple(fc.nat(80), fc.nat(9), fc.uint8Array({ maxLength: 40 })), { minLength: 1, maxLength: 3 }),
  )
  .map(([der, changes]) => changes.reduce((bytes, [at, how, other]) => changedPart(bytes, at, how, other), der));

function changed(part: Buffer, how: number, other: Uint8Array): Buffer {
  const tag = part[0] ?? 0;
  switch (how) {
    case 0:
      return Buffer.alloc(0);
    case 1:
      return Buffer.concat([part, part]);
    case 2:
      return element(tag, Buffer.alloc(0));
    case 3:
      return element(tag, Buffer.from(other));
    case 4:
      return Buffer.concat([Buffer.from([other[0] ?? 0]), part.subarray(1)]);
    case 5:
      return long(5000, tag);
    case 6:
      return element(tag, Buffer.alloc(3));
    case 7:
      return element(tag, Buffer.concat([Buffer.from([0xff, 0xfe, 0xc0, 0x80]), Buffer.from(other)]));
    case 8:
      return Array.from({ length: 200 }).reduce<Buffer>((inner) => sequence(inner), part);
    default:
      return Buffer.from(other);
  }
}

/** DER in which the part with this number, counted as they are written, is exchanged in one of ten ways. */
export function changedPart(der: Buffer, number: number, how: number, other: Uint8Array): Buffer {
  let left = number;
  const rebuilt = (bytes: Buffer): Buffer =>
    Buffer.concat(
      Array.from(elements(bytes), ({ tag, body, whole }) => {
        if (left-- === 0) return changed(whole, how, other);
        return (tag & 0x20) === 0 ? whole : element(tag, rebuilt(body));
      }),
    );
  return rebuilt(der);
}
