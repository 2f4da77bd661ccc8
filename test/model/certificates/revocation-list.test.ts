import assert from 'node:assert/strict';
import { type AuthorityStores, chainBuilder } from '../../../src/model/certificates/certificate-chain.ts';
import { parseRevocationList } from '../../../src/model/certificates/revocation-list.ts';
import { parseTrustList } from '../../../src/model/certificates/trust-list.ts';
import { element, oid, sequence } from '../../builders/certificate-der.ts';
import { fixture } from '../../support/fixture.ts';
import { processorMs } from '../../support/processor-time.ts';

const file = (name: string) => fixture(`revocation/${name}`);

function isDisallowed(
  leaf: string,
  lists: readonly Uint8Array[],
  authorities: readonly string[] = ['rsa-ca', 'ec-ca'],
) {
  const stores: AuthorityStores = {
    authorities: authorities.map((name) => ({ der: file(`${name}.cer`), store: 'Root' })),
    fetched: [],
    disallowed: [],
    publicRoots: null,
    disallowedList: null,
    revocationLists: lists,
    updatedAt: null,
    updatesOff: false,
  };
  // Long after the lists should have been replaced.
  return chainBuilder(stores, Date.parse('2030-01-01T00:00:00Z')).chainOf(file(`${leaf}.cer`)).disallowed === true;
}

describe('a certificate that a list of revoked ones names', () => {
  const lists = [file('rsa-list.crl'), file('ec-list.crl')];
  const cases: readonly (readonly [string, boolean])[] = [
    ['rsa-revoked', true],
    ['ec-revoked', true],
    ['rsa-held', false],
    ['ec-held', false],
    ['rsa-good', false],
    ['ec-good', false],
  ];
  for (const [leaf, expected] of cases)
    it(`${leaf}: ${expected ? 'nobody shall trust' : 'is as before'}`, () =>
      assert.equal(isDisallowed(leaf, lists), expected));

  it('is as before without its own list: the numbers of two issuers may be the same', () => {
    assert.equal(isDisallowed('rsa-revoked', []), false);
    assert.equal(isDisallowed('rsa-revoked', [file('ec-list.crl')]), false);
  });

  it('is as before where the list is not one of its issuer, or was changed', () => {
    const changed = Buffer.from(file('rsa-list.crl'));
    // In the time it was made.
    changed[changed.indexOf('261128') + 5] = 0x37;
    assert.equal(isDisallowed('rsa-revoked', [changed]), false);
    assert.equal(isDisallowed('rsa-revoked', lists, ['ec-ca']), false);
  });

  it('is as before where the list speaks of other issuers too', () =>
    assert.equal(isDisallowed('rsa-revoked', [file('rsa-indirect.crl')]), false));
});

describe('the entries of a list', () => {
  const octets = (content: Buffer) => element(0x04, content);
  const extension = (id: string, value: Buffer) => sequence(oid(id), octets(value));
  const entry = (number: string, reason: number | null = null) =>
    sequence(
      element(0x02, Buffer.from(number, 'hex')),
      element(0x17, Buffer.from('260101000000Z')),
      ...(reason === null ? [] : [sequence(extension('2.5.29.21', element(0x0a, Buffer.from([reason]))))]),
    );
  const listOf = (entries: readonly Buffer[], extensions: readonly Buffer[] = []) => {
    const algorithm = sequence(oid('1.3.101.112'));
    const signed = sequence(
      element(0x02, Buffer.from([1])),
      algorithm,
      sequence(),
      element(0x17, Buffer.from('260101000000Z')),
      ...(entries.length === 0 ? [] : [sequence(Buffer.concat(entries))]),
      ...(extensions.length === 0 ? [] : [element(0xa0, sequence(...extensions))]),
    );
    return parseRevocationList(sequence(signed, algorithm, element(0x03, Buffer.alloc(65))));
  };
  const names = (list: ReturnType<typeof parseRevocationList>, number: string) =>
    list?.names(Buffer.from(number, 'hex'));

  // RFC 5280, 5.3.1; there is no 7.
  const reasons = new Map([0, 1, 2, 3, 4, 5, 6, 8, 9, 10].map((reason) => [reason, reason !== 6 && reason !== 8]));
  for (const [reason, isRevoked] of reasons)
    it(`with reason ${reason} ${isRevoked ? 'revoke' : 'take off or only hold'}`, () =>
      assert.equal(names(listOf([entry('0102'), entry('1000', reason)]), '1000'), isRevoked));

  it('of a list that changes another one take a certificate off as well as add one', () => {
    const delta = [extension('2.5.29.27', element(0x02, Buffer.from([7])))];
    const list = listOf([entry('1000', 8), entry('1001', 1)], delta);
    assert.deepEqual([names(list, '1000'), names(list, '1001'), names(list, '1002')], [false, true, false]);
  });

  it('are asked by the whole number, and one that stands there twice is revoked by either', () => {
    const list = listOf([entry('0110001f'), entry('2000', 6), entry('2000')]);
    assert.deepEqual(
      ['1000', '0110', '10001f', '0110001f', '2000', ''].map((number) => names(list, number)),
      [false, false, false, true, true, false],
    );
    assert.equal(names(listOf([]), '1000'), false);
  });

  it('may be a hundred thousand, and be asked two thousand times', () => {
    const list = listOf(
      Array.from({ length: 100_000 }, (_, at) => element(0x30, element(0x02, Buffer.from([at >> 16, at >> 8, at])))),
    );
    const before = process.cpuUsage();
    // Every number of one byte stands somewhere in it.
    for (let asked = 0; asked < 2000; asked++) assert.equal(names(list, '05'), false);
    assert.equal(names(list, '012345'), true);
    // Of this process, since a busy machine makes everything last longer.
    const { user } = process.cpuUsage(before);
    assert.ok(user < 2_000_000, `${user / 1000} ms`);
  });
});

describe('what is no list of revoked certificates', () => {
  const whole = file('rsa-list.crl');
  for (const [what, bytes] of [
    ['nothing', Buffer.alloc(0)],
    ['a certificate', file('rsa-ca.cer')],
    ['half of one', whole.subarray(0, whole.length / 2)],
  ] as const)
    it(`is none, or names nobody: ${what}`, () => {
      const number = Buffer.from('1000', 'hex');
      assert.notEqual(parseRevocationList(bytes)?.names(number), true);
    });

  it('is made of one endless identifier, and answered at once', () => {
    const identifier = element(0x06, Buffer.alloc(4_000_000, 0x81));
    const started = processorMs();
    const nested = sequence(sequence(identifier));
    assert.equal(
      parseRevocationList(
        sequence(sequence(element(0x02, Buffer.alloc(1))), sequence(identifier), element(0x03, Buffer.alloc(1))),
      ),
      null,
    );
    assert.equal(parseRevocationList(sequence(nested, sequence(identifier), element(0x03, Buffer.alloc(1)))), null);
    assert.equal(parseTrustList(sequence(identifier, element(0xa0, nested))), null);
    assert.ok(processorMs() - started < 1000, `${processorMs() - started} ms`);
  });

  it('is signed with a hash that is broken', () => {
    const sha1 = Buffer.from(whole);
    const algorithm = Buffer.from('2a864886f70d01010c', 'hex');
    const at = sha1.lastIndexOf(algorithm);
    sha1[at + algorithm.length - 1] = 5;
    assert.equal(parseRevocationList(sha1), null);
    assert.notEqual(parseRevocationList(whole), null);
  });
});
