import assert from 'node:assert/strict';
import {
  mostRefusals,
  nothingRefused,
  type Refusal,
  refusalOf,
  withoutRefusals,
  withRefusal,
} from '../../src/documents/refused.ts';
import { certificate } from '../builders/snapshot.ts';

const at = '2026-06-01T12:00:00.000Z';
const refused = { code: 'trust-lost', message: 'It is not trusted.', hint: null };
const issued = (day: number, keyType = 'RSA 2048') =>
  certificate('new', { names: ['shop.example.com'], keyType, notBefore: `2026-06-0${day}T00:00:00.000Z` });
const attempt = (what: string, command: Refusal['command'] = 'import') => ({ at, command, what });
const named = refusalOf(attempt('/certs/shop.pem'), issued(3), refused);
const ofMail = certificate('mail', { names: ['mail.example.com'], notBefore: '2026-06-09T00:00:00.000Z' });
const unread = refusalOf(attempt('/certs/broken.pfx'), null, refused);

describe('what was refused', () => {
  const table = [
    ['is over when the same file succeeds', unread, attempt('/certs/broken.pfx'), null, true],
    ['without names is not over by another file of its folder', unread, attempt('/certs/other.pfx'), issued(5), false],
    ['is over when the same file succeeds, of whatever age', named, attempt('/certs/shop.pem'), issued(2), true],
    ['is not over when the same file succeeds with other names', named, attempt('/certs/shop.pem'), ofMail, false],
    ['is not over when nobody knows what was set, and the file is another one', named, attempt('/a.pem'), null, false],
    ['without names is not over by another command', unread, attempt('/certs/broken.pfx', 'rebind'), issued(5), false],
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

  it('is kept for each store, and for each set of names that one file brought', () => {
    const elsewhere = refusalOf(attempt('/certs/shop.pem'), { ...issued(3), store: 'WebHosting' }, refused);
    const mail = refusalOf(attempt('/certs/shop.pem'), ofMail, refused);
    const all = [unread, named, elsewhere, mail, named].reduce(withRefusal, nothingRefused);
    assert.deepEqual(all.refusals, [unread, elsewhere, mail, named]);
  });

  it('without names is kept once, and no longer than until its file can be read', () => {
    const again = { ...unread, at: '2026-06-02T12:00:00.000Z' };
    const read = refusalOf(attempt('/certs/broken.pfx'), issued(3), refused);
    assert.deepEqual(withRefusal(withRefusal(nothingRefused, unread), again).refusals, [again]);
    assert.deepEqual(withRefusal(withRefusal(nothingRefused, unread), read).refusals, [read]);
  });

  it('has the oldest go where it is too much, first of those without names, and says how many', () => {
    const odd = (at: number) => refusalOf(attempt(`/odd/${at}.pfx`), null, refused);
    const many = Array.from({ length: mostRefusals + 2 }, (_, index) => odd(index));
    const full = { ...nothingRefused, refusals: [named, ...many.slice(0, mostRefusals - 1)] };
    assert.deepEqual(withRefusal(nothingRefused, named).gone, undefined);
    const left = many.slice(mostRefusals - 1).reduce(withRefusal, full);
    assert.deepEqual(left.refusals, [named, ...many.slice(3)]);
    assert.deepEqual(left.gone, { count: 3, at });
    const ofNames = { ...nothingRefused, refusals: many.slice(0, mostRefusals).map(({ what }) => ofName(what)) };
    const kept = withRefusal(ofNames, unread).refusals;
    assert.deepEqual([kept.length, kept[0]?.what, kept.at(-1)], [mostRefusals, '/odd/1.pfx', unread]);
    assert.deepEqual(withoutRefusals(left, { ...attempt('/odd/9.pfx'), certificate: null }).gone, left.gone);
  });
});

function ofName(what: string): Refusal {
  return { ...named, names: [what], what };
}
