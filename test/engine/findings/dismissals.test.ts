import assert from 'node:assert/strict';
import { asOfText, finding } from '../../../src/documents/finding.ts';
import type { Dismissal } from '../../../src/documents/runs/ledger.ts';
import type { Finding } from '../../../src/documents/status.ts';
import { dismissalsOf, dismissedBy, type HeldNow, stillDismissed } from '../../../src/engine/findings/dismissals.ts';
import type { KeyText } from '../../../src/kinds/record-key.ts';
import { givenRenewal } from '../../../src/model/certificates/renewal.ts';
import { now, thumbprintOf } from '../../builders/snapshot.ts';
import { keyText } from '../run/world.ts';

const [old, successor, other] = [thumbprintOf('old'), thumbprintOf('new'), thumbprintOf('other')];
const [a, b, c] = [keyText('a.example.com:443'), keyText('b.example.com:443'), keyText('c.example.com:443')];
const places: HeldNow = { held: new Map([a, b, c].map((key) => [key, old])), near: new Set(), ending: new Set() };
const pending = (keys: readonly KeyText[], message = 'not in use yet.') =>
  finding('renewal-pending', message, { keys, certificate: old, renewal: givenRenewal(old, successor) });
const lacks = (names: string) => finding('name-not-covered', `It does not cover ${names}.`, { key: a });
const bare = finding('intermediate-not-sent', 'It is served without the certificate of its issuer.', { keys: [a, b] });
const program = finding('two-mechanisms', 'Two.');

describe('what a person dismissed', () => {
  const rows = (one: Finding): readonly Dismissal[] => dismissalsOf(one, places, 'WEB01\\Admin', now);

  for (const [situation, dismissed, found, isHidden, today] of [
    ['the same', pending([a, b]), pending([a, b]), true],
    ['the same in other words', pending([a, b]), pending([a, b], 'a and 1 more use it.'), true],
    ['at fewer places', pending([a, b]), pending([a]), true],
    ['at one more place', pending([a, b]), pending([a, b, c]), false],
    ['at another place', pending([a]), pending([b]), false],
    ['with another certificate there', pending([a]), pending([a]), false, { held: new Map([[a, other]]) }],
    ['of whose end people are warned since', pending([a]), pending([a]), false, { near: new Set([old]) }],
    ['whose certificate must be replaced now', pending([a]), pending([a]), false, { ending: new Set([old]) }],
    ['as an error', { ...program, severity: 'error' }, { ...program, severity: 'error' }, false],
    ['of the program', program, program, true],
    ['that says something else of the place', lacks('a.example.com'), lacks('b.example.com'), false],
    ['as it was seen before', bare, { ...bare, message: asOfText(now, bare.message) }, true],
    ['of another renewal', pending([a]), { ...pending([a]), renewal: givenRenewal(old, other) }, false],
    ['of more lost names', pending([a]), { ...pending([a]), missingNames: ['x.example.com'] }, false],
  ] as readonly (readonly [string, Finding, Finding, boolean, Partial<HeldNow>?])[])
    it(`${isHidden ? 'hides' : 'does not hide'} one ${situation}`, () =>
      assert.equal(dismissedBy(rows(dismissed), { ...places, ...today })(found), isHidden));

  it('leaves the ledger once it is found with other facts, or not at all', () => {
    assert.deepEqual(
      stillDismissed([...rows(lacks('a.example.com')), ...rows(program)], [lacks('b.example.com'), program], places),
      rows(program),
    );
  });
});
