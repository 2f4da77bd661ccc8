import assert from 'node:assert/strict';
import { type AuthorityStores, chainBuilder } from '../../src/certificates/certificate-chain.ts';
import { parseRevocationList } from '../../src/certificates/revocation-list.ts';
import { fixture } from '../support/fixture.ts';

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

  it('is signed with a hash that is broken', () => {
    const sha1 = Buffer.from(whole);
    const algorithm = Buffer.from('2a864886f70d01010c', 'hex');
    const at = sha1.lastIndexOf(algorithm);
    sha1[at + algorithm.length - 1] = 5;
    assert.equal(parseRevocationList(sha1), null);
    assert.notEqual(parseRevocationList(whole), null);
  });
});
