import assert from 'node:assert/strict';
import { selectLedgerEntry } from '../../../src/commands/dismiss/command.ts';
import type { Ledger } from '../../../src/documents/runs/ledger.ts';
import { ledgerOf } from '../../builders/ledger.ts';
import { renewal, thumbprintOf } from '../../builders/snapshot.ts';

type Pair = readonly [old: string, successor: string];

function knowing(pairs: readonly Pair[]): Ledger {
  return ledgerOf(pairs.map(([old, successor]) => ({ renewal: renewal(old, successor), state: 'settled' })));
}

function selected(pairs: readonly Pair[], meant: readonly string[], text = 'shop') {
  return selectLedgerEntry(knowing(pairs), meant.map(thumbprintOf), text).renewal;
}

const short = (label: string) => thumbprintOf(label).slice(0, 8);

describe('the renewal that a person means', () => {
  const chain: readonly Pair[] = [
    ['january', 'april'],
    ['april', 'july'],
    ['mail', 'mail-2'],
  ];
  const found: readonly (readonly [string, readonly string[], Pair])[] = [
    ['is found by its old certificate', ['january'], ['january', 'april']],
    ['is found by its new certificate', ['mail-2'], ['mail', 'mail-2']],
    ['is the one that replaced a certificate which is new in an earlier one', ['april'], ['april', 'july']],
    ['is found by one of several certificates of the same name', ['elsewhere', 'mail', 'mail-2'], ['mail', 'mail-2']],
  ];
  for (const [what, meant, wanted] of found)
    it(what, () => assert.deepEqual(selected(chain, meant), renewal(...wanted)));

  it('is refused where nothing is remembered of the certificate, with what was typed cut short', () => {
    assert.throws(() => selected(chain, ['other'], 'sh"op'), {
      code: 'no-such-renewal',
      where: 'renewal',
      message: 'CertRebind knows no renewal of "sh\\"op".',
    });
    assert.throws(() => selected([], ['january'], 'x'.repeat(200)), {
      message: `CertRebind knows no renewal of "${'x'.repeat(100)}".`,
    });
  });

  for (const [what, pairs, meant] of [
    [
      'one certificate replaced two',
      [
        ['a', 'c'],
        ['b', 'c'],
      ],
      ['c'],
    ],
    [
      'one certificate was replaced by two',
      [
        ['a', 'b'],
        ['a', 'c'],
      ],
      ['a'],
    ],
    ['a name fits the old certificates of two', chain.slice(1), ['april', 'mail']],
  ] as const)
    it(`is refused where ${what}, and all of them are named`, () => {
      const said = pairs.map(([old, successor]) => `${short(old)} → ${short(successor)}`).join(', ');
      assert.throws(() => selected(pairs, meant), {
        code: 'ambiguous-certificate',
        where: 'renewal',
        message: `"shop" is part of several renewals: ${said}.`,
        hint: 'Give the thumbprint of the old certificate.',
      });
      assert.throws(() => selected(pairs, meant, 'x'.repeat(200)), {
        message: `"${'x'.repeat(100)}" is part of several renewals: ${said}.`,
      });
    });
});
