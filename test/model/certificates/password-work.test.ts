import assert from 'node:assert/strict';
import { openCertificate } from '../../../src/model/certificates/certificate-with-key.ts';
import { elements } from '../../../src/model/certificates/der.ts';
import { wrapPfx } from '../../../src/model/certificates/pfx.ts';
import { element, oid, sequence } from '../../builders/certificate-der.ts';
import { type Issued, issued } from '../../builders/issued.ts';
import { fixture } from '../../support/fixture.ts';
import { processorMs } from '../../support/processor-time.ts';

const integer = (hex: string) => element(0x02, Buffer.from(hex, 'hex'));
const octets = (bytes: number) => element(0x04, Buffer.alloc(bytes, 7));
const pem = (der: Buffer, what = 'ENCRYPTED PRIVATE KEY') =>
  `-----BEGIN ${what}-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${what}-----\n`;
/** A private key that says how its password is made into a key; what is encrypted is nothing. */
const encrypted = (derivation: Buffer) =>
  sequence(
    sequence(oid('1.2.840.113549.1.5.13'), sequence(derivation, sequence(oid('2.16.840.1.101.3.4.1.42'), octets(16)))),
    octets(64),
  );
const pbkdf2 = (rounds: string) =>
  encrypted(
    sequence(oid('1.2.840.113549.1.5.12'), sequence(octets(8), integer(rounds), sequence(oid('1.2.840.113549.2.9')))),
  );
const scrypt = (...costs: readonly string[]) =>
  encrypted(sequence(oid('1.3.6.1.4.1.11591.4.11'), sequence(octets(8), ...costs.map(integer))));
const pbes1 = (rounds: string) =>
  sequence(sequence(oid('1.2.840.113549.1.5.10'), sequence(octets(8), integer(rounds))), octets(64));
const pkcs12 = (rounds: string) =>
  sequence(sequence(oid('1.2.840.113549.1.12.1.3'), sequence(octets(8), integer(rounds))), octets(64));

describe('the work that a password may cost', () => {
  let own: Issued;
  before(async () => {
    own = await issued(['shop.example.com'], '2026-01-01T00:00:00Z');
  });
  const opened = (text: string | Buffer, where = 'key.pem') =>
    openCertificate([{ where, bytes: Buffer.from(text) }], async () => 'secret');
  const refusal = async (text: string | Buffer) => {
    const started = processorMs();
    const error: unknown = await opened(text).catch((thrown: unknown) => thrown);
    assert.ok(processorMs() - started < 2000, 'it was computed');
    assert.ok(error instanceof Error);
    return error.message;
  };

  const tooMuch: readonly (readonly [string, Buffer, number])[] = [
    ['PBKDF2', pbkdf2('7fffffff'), 2 ** 31 - 1],
    ['PBKDF2 just above', pbkdf2('1e8481'), 2_000_001],
    ['PBES1', pbes1('7fffffff'), 2 ** 31 - 1],
    ['PKCS #12', pkcs12('7fffffff'), 2 ** 31 - 1],
    ['scrypt with much memory', scrypt('10000000', '08', '01'), 2 ** 31],
    ['scrypt again and again', scrypt('020000', '01', '020000'), 2 ** 34],
    ['more rounds than a number has room for', pbkdf2('7f'.repeat(20)), Number.POSITIVE_INFINITY],
  ];
  for (const [what, key, rounds] of tooMuch)
    it(`of a PEM key is refused before it is done: ${what}`, async () =>
      assert.equal(
        await refusal(own.certificate + pem(key)),
        `key.pem cannot be imported: its password would have to be hashed ${rounds} times, and at most 2000000 are allowed.`,
      ));

  it('is that of all keys of a file', async () => {
    assert.match(await refusal(pem(pbkdf2('03e8'))), /password does not open/);
    assert.match(await refusal(pem(pbkdf2('0f4240')).repeat(3)), /hashed 3000000 times/);
  });

  it('is that of all parts of a PFX file', async () => {
    // 70,000 for the two encrypted parts and the MAC.
    const hex = fixture('pfx/sha512.pfx').toString('hex');
    const parts = hex.split('0203011170');
    assert.equal(parts.length, 4);
    for (let at = 1; at < parts.length; at++) {
      const more = parts.map(
        (part, index) => part + (index === parts.length - 1 ? '' : index + 1 === at ? '02031e8480' : '0203011170'),
      );
      assert.match(await refusal(Buffer.from(more.join(''), 'hex')), /hashed 2140000 times/);
    }
  });

  it('is counted as it is met where a PFX file does not say its lengths, and for each file anew', async () => {
    const hex = fixture('pfx/sha512.pfx')
      .toString('hex')
      .replace(/0203011170(?!.*0203011170)/, '02031e8481');
    const [whole] = elements(Buffer.from(hex, 'hex'));
    const open = Buffer.concat([Buffer.from([0x30, 0x80]), whole?.body ?? assert.fail(), Buffer.alloc(2)]);
    assert.match(await refusal(open), /hashed 2000001 times/);
    const found = await openCertificate([{ where: 'ec.pfx', bytes: fixture('pfx/ec.pfx') }], async () => 'secret');
    assert.match(await refusal(open), /hashed 2000001 times/);
    assert.ok((await wrapPfx(found)).pfx.length > 0);
  });

  it('may be what OpenSSL does today, with scrypt too', async () => {
    for (const name of ['scrypt-key', 'pbkdf2-key']) {
      const found = await opened(own.certificate + fixture(`pfx/${name}.pem`)).catch((thrown: unknown) => thrown);
      assert.match(String(found), /does not belong to any of its certificates/);
    }
  });
});

describe('a private key', () => {
  it('of up to 8192 bits of RSA is read', async () => {
    const own = await issued(['shop.example.com'], '2026-01-01T00:00:00Z');
    const number = (bytes: number) =>
      element(0x02, Buffer.concat([Buffer.from([0x7f]), Buffer.alloc(bytes - 1, 0xab)]));
    const numbers = [number(1024), integer('010001'), number(1024), ...[1, 2, 3, 4, 5].map(() => number(512))];
    const rsa = element(0x04, sequence(integer('00'), ...numbers));
    const key = sequence(integer('00'), sequence(oid('1.2.840.113549.1.1.1'), element(0x05, Buffer.alloc(0))), rsa);
    const file = { where: 'key.pem', bytes: Buffer.from(own.certificate + pem(key, 'PRIVATE KEY')) };
    await assert.rejects(
      openCertificate([file], async () => ''),
      { message: /does not belong to any of its certificates/ },
    );
  });
  it('with numbers over which OpenSSL would compute for minutes is refused at once', async () => {
    const long = (byte: number) =>
      element(0x02, Buffer.concat([Buffer.from([0x7f]), Buffer.alloc(8000, byte), Buffer.from([1])]));
    const dsa = sequence(oid('1.2.840.10040.4.1'), sequence(long(0xab), long(0x55), long(0x33)));
    const key = sequence(integer('00'), dsa, element(0x04, long(0x77)));
    const started = processorMs();
    const file = { where: 'key.pem', bytes: Buffer.from(pem(key, 'PRIVATE KEY')) };
    await assert.rejects(
      openCertificate([file], async () => ''),
      { message: /key\.pem .* private key is larger than 5 KB/ },
    );
    assert.ok(processorMs() - started < 2000);
  });
});
