import assert from 'node:assert/strict';
import { nothingRefused, type Refusal, refusalOf, withoutRefusals, withRefusal } from '../../src/documents/refused.ts';
import { certificate } from '../builders/snapshot.ts';

const at = '2026-06-01T12:00:00.000Z';
const refused = { code: 'trust-lost', message: 'It is not trusted.', hint: null };
const issued = (day: number, keyType = 'RSA 2048') =>
  certificate('new', { names: ['shop.example.com'], keyType, notBefore: `2026-06-0${day}T00:00:00.000Z` });
const attempt = (what: string, command: Refusal['command'] = 'import') => ({ at, command, what });
const named = refusalOf(attempt('/certs/shop.pem'), issued(3), refused);
const unread = refusalOf(attempt('/certs/broken.pfx'), null, refused);

describe('what was refused', () => {
  const table = [
    ['is over when the same file succeeds', unread, attempt('/certs/broken.pfx'), null, true],
    ['without names is over when another file of its folder succeeds', unread, attempt('/certs/other.pfx'), null, true],
    ['without names is not over by a file of elsewhere', unread, attempt('/mail/mail.pfx'), issued(5), false],
    ['without names is not over by another command', unread, attempt('/certs/a.pfx', 'rebind'), issued(5), false],
    ['is over when a newer one for its names is set', named, attempt('/new/shop.pem'), issued(4), true],
    ['is over when it is set itself', named, attempt('AB12', 'rebind'), issued(3), true],
    ['is not over when an older one is set', named, attempt('/new/shop.pem'), issued(2), false],
    [
      'is not over when its twin of another kind of key is set',
      named,
      attempt('/ec.pem'),
      issued(4, 'EC P-256'),
      false,
    ],
    ['is not over when nobody knows what was set', named, attempt('AB12', 'rebind'), null, false],
  ] as const;
  for (const [what, refusal, done, set, isOver] of table)
    it(what, () => {
      const before = withRefusal(nothingRefused, refusal);
      const left = withoutRefusals(before, { ...done, certificate: set }).refusals;
      assert.deepEqual(left, isOver ? [] : [refusal]);
    });

  it('is kept once for the same names and kind of key, and each twin for itself', () => {
    const twin = refusalOf(attempt('/certs/ec.pem'), issued(3, 'EC P-256'), refused);
    const again = refusalOf(attempt('/certs/later.pem'), issued(4), refused);
    const all = [named, twin, again].reduce(withRefusal, nothingRefused);
    assert.deepEqual(all.refusals, [twin, again]);
  });
});
