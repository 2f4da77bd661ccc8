import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import type { Certificate } from '../../../src/model/certificates/certificate.ts';
import type { Row } from '../../../src/model/windows/rows.ts';
import { partsOf } from '../../../src/server/windows/parts.ts';
import { certificatesFrom } from '../../../src/server/windows/read-certificates.ts';
import { type Issued, issued } from '../../builders/issued.ts';
import { each } from '../../support/each.ts';
import { fixture } from '../../support/fixture.ts';

const takenAt = '2025-07-01T12:00:00.000Z';
const renewed = 'B'.repeat(40);

describe('certificates out of what the adapter says', () => {
  let leaf: Issued;
  let intermediate: X509Certificate;
  before(async () => {
    leaf = await issued(['shop.example.com'], '2025-06-01T00:00:00Z');
    intermediate = new X509Certificate(leaf.chain);
  });

  /** The fields after its DER: archived, friendly name, key, successor. */
  const row = (...more: readonly string[]): Row => [
    'certificate',
    'My',
    leaf.thumbprint,
    leaf.leaf.toString('base64'),
    ...more,
  ];
  const read = (...rows: readonly Row[]) => certificatesFrom(partsOf(rows), takenAt);
  const only = (...rows: readonly Row[]): Certificate => {
    const { certificates, unreadable } = read(...rows);
    const [certificate] = certificates;
    assert.ok(certificate !== undefined && certificates.length === 1, JSON.stringify(unreadable));
    return certificate;
  };

  it('have what the store says of them', () => {
    const { store, thumbprint, archived, friendlyName, renewedTo, dnsNames } = only(
      row('True', 'Shop', 'False', renewed.toLowerCase()),
    );
    assert.deepEqual([store, thumbprint, archived, friendlyName], ['My', leaf.thumbprint, true, 'Shop']);
    assert.deepEqual([renewedTo, dnsNames], [renewed, ['shop.example.com']]);
  });

  it('are neither archived, nor named, nor replaced where the store says nothing of that', () => {
    const { archived, friendlyName, renewedTo } = only(row('False', '', 'False', ''));
    assert.deepEqual([archived, friendlyName, renewedTo], [false, null, null]);
  });

  const keys: readonly (readonly [string, string, readonly string[] | null, Pick<Certificate, 'key' | 'keyReason'>])[] =
    [
      ['no key', 'False', ['usable'], { key: 'missing' }],
      ['a key that opens', 'True', ['usable', ''], { key: 'usable' }],
      ['a key that does not open', 'True', ['unusable', 'No keyset'], { key: 'unusable', keyReason: 'No keyset' }],
      ['a key that does not open without a word', 'True', ['unusable', ''], { key: 'unusable' }],
      ['a key that nobody tried', 'True', ['unknown', 'No time'], { key: 'unknown', keyReason: 'No time' }],
      ['a key that is not spoken of', 'True', null, { key: 'unknown' }],
      ['a key of which something new is said', 'True', ['odd', 'x'], { key: 'unknown' }],
    ];
  for (const [what, hasKey, said, expected] of keys)
    it(`have ${what}`, () => {
      const others: Row = ['key', 'WebHosting', leaf.thumbprint, 'usable', ''];
      const own: readonly Row[] = said === null ? [] : [['key', 'My', leaf.thumbprint, ...said]];
      const { key, keyReason } = only(row('False', '', hasKey, ''), others, ...own);
      assert.deepEqual({ key, ...(keyReason === undefined ? {} : { keyReason }) }, expected);
    });

  it('have the rights on their key, or why these cannot be read', () => {
    const rights = (...said: readonly string[]) =>
      only(row('False', '', 'True', ''), ['key-rights', 'My', leaf.thumbprint, ...said]).keyRights;
    assert.deepEqual(rights('D:(A;;FA;;;SY)', ''), { sddl: 'D:(A;;FA;;;SY)' });
    assert.deepEqual(rights('D:', '', 'C:\\Keys\\a'), { sddl: 'D:', file: 'C:\\Keys\\a' });
    assert.deepEqual(rights('', 'It is on a card.', ''), { why: 'It is on a card.' });
    assert.equal(only(row('False', '', 'True', '')).keyRights, undefined);
  });

  it('are named where they cannot be read, and the others are read', () => {
    const { certificates, unreadable } = read(row('False', '', 'False', ''), ['certificate', 'My', renewed, 'AAAA']);
    assert.deepEqual(each(certificates, 'thumbprint'), [leaf.thumbprint]);
    assert.deepEqual(each(unreadable, 'where', 'text'), [['store My', renewed]]);
    assert.ok(unreadable[0]?.why);
  });

  const authority = (store: string): Row => ['authority', store, intermediate.raw.toString('base64')];
  const hash = () => intermediate.fingerprint.replaceAll(':', '');
  const standing = (...rows: readonly Row[]) =>
    read(row('False', '', 'False', ''), ...rows).trust.authorities.map((one) => [one.thumbprint, one.standing]);

  it('are vouched for by the authorities of the stores', () => {
    assert.deepEqual(standing(), []);
    assert.deepEqual(standing(authority('CA')), [[hash(), 'none']]);
    assert.deepEqual(standing(authority('Root')), [[hash(), 'machine']]);
    assert.deepEqual(standing(authority('Root'), ['fetched', hash()]), [[hash(), 'programme']]);
    assert.deepEqual(standing(authority('CA'), ['disallowed', hash().toLowerCase()]), [[hash(), 'disallowed']]);
    assert.deepEqual(standing(authority('CA'), ['disallowed', 'no thumbprint'], ['fetched']), [[hash(), 'none']]);
  });

  it('are vouched for by a list of public roots as old as the server says', () => {
    const roots = fixture('certificates/public-roots.stl').toString('hex');
    const list = (...said: readonly string[]) => read(['trust-lists', ...said]).trust.list;
    // 100 ns since 1601: in June of 2025, and in August of 2021.
    const fresh = '00C0F7E41FDDDB01';
    const old = '0080C82B6886D701';
    assert.deepEqual(
      [list(roots, '', fresh, ''), list(roots, '', old, '0'), list(roots, '', fresh, '1'), list('', '', fresh, '')],
      ['current', 'old', 'unused', 'missing'],
    );
    assert.equal(read().trust.list, 'missing');
  });

  it('are told which lists are too long to be read', () => {
    const long = Buffer.alloc(4 * 1024 ** 2 + 1);
    const { unreadable, trust } = read(
      ['trust-lists', long.toString('hex'), long.toString('hex'), '', ''],
      ['revocation-list', '', 'http://crl.example.com/long.crl'],
      ['revocation-list', long.toString('base64')],
      ['revocation-list', long.subarray(1).toString('base64')],
    );
    const why = 'not checked: it is larger than 4 MB';
    assert.deepEqual(unreadable, [
      { where: 'revocation list', text: createHash('sha1').update(long).digest('hex').toUpperCase(), why },
      { where: 'revocation list http://crl.example.com/long.crl', text: '', why },
      { where: 'list of public roots', text: '', why },
      { where: 'list of disallowed certificates', text: '', why },
    ]);
    assert.equal(trust.list, 'missing');
  });

  it("are nobody's to trust where a list of their issuer names them", () => {
    const der = (name: string) => fixture(`revocation/${name}`).toString('base64');
    const isDisallowed = (leaf: string) => {
      const rows: readonly Row[] = [
        ['certificate', 'My', renewed, der(`${leaf}.cer`), 'False', '', 'True', ''],
        ['authority', 'CA', der('rsa-ca.cer')],
        ['revocation-list', 'AAAA'],
        ['revocation-list', der('rsa-list.crl')],
      ];
      return only(...rows).disallowed;
    };
    assert.deepEqual([isDisallowed('rsa-revoked'), isDisallowed('rsa-good')], [true, undefined]);
  });
});
