import assert from 'node:assert/strict';
import { dayMs, mustActMs, warnMs } from '../../../src/model/certificates/deadline.ts';
import {
  learnedShare,
  type PastRenewal,
  pastRenewals,
  sharesBefore,
} from '../../../src/model/certificates/schedule.ts';
import { certificate, renewal, thumbprintOf } from '../../builders/snapshot.ts';

const unset = { names: {} };

const always = (lasts: number, left: number, times = 6) => Array.from({ length: times }, () => [lasts, left] as const);
const share = (lasts: number, left: number) => always(lasts, lasts * left);

/**
 * By schedule: for each certificate the days that it lasts and those that are left when it is renewed; in how many of them
 * people are warned, and told of an error, of a renewal that comes as always; and how many days before its end they are of the
 * last one, which nothing renews.
 */
type Schedule = readonly [
  what: string,
  cycles: readonly (readonly [lasts: number, left: number])[],
  falsely: readonly [warned: number, error: number],
  last: readonly [warned: number, error: number],
];

const schedules: readonly Schedule[] = [
  ['AD CS, a year, six weeks before', always(365, 42), [0, 0], [27.8, 7]],
  ['AD CS, a year, at 80 %', always(365, 73), [0, 0], [30, 7]],
  ['Key Vault, 200 days, at 80 %', always(200, 40), [0, 0], [26.5, 7]],
  ['Intune, a year, 20 % left', always(365, 73), [0, 0], [30, 7]],
  ['By hand, 200 days, two weeks before', always(200, 14), [2, 0], [9.1, 7]],
  ['By hand, 200 days, 40 days before', always(200, 40), [0, 0], [26.5, 7]],
  ['By hand, 100 days, ten days before', always(100, 10), [2, 0], [6.5, 6.5]],
  ['By hand, ten years, 20 days before', always(3650, 20), [2, 0], [13.1, 7]],
  ['ACME, 90 days, 10 % left', share(90, 0.1), [2, 0], [5.8, 5.8]],
  ['ACME, 90 days, 20 % left', share(90, 0.2), [0, 0], [11.8, 7]],
  ['ACME, 90 days, 33 % left', share(90, 0.33), [0, 0], [15, 7]],
  ['ACME, 90 days, 50 % left', share(90, 0.5), [0, 0], [15, 7]],
  ['ACME, 47 days, 10 % left', share(47, 0.1), [2, 1], [2.9, 2.9]],
  ['ACME, 47 days, 20 % left', share(47, 0.2), [0, 0], [6.1, 4.7]],
  ['ACME, 47 days, 33 % left', share(47, 0.33), [0, 0], [7.8, 4.7]],
  ['ACME, 47 days, 50 % left', share(47, 0.5), [0, 0], [7.8, 4.7]],
  ['ACME, 45 days, 10 % left', share(45, 0.1), [2, 1], [2.8, 2.8]],
  ['ACME, 45 days, 20 % left', share(45, 0.2), [0, 0], [5.8, 4.5]],
  ['ACME, 45 days, 33 % left', share(45, 0.33), [0, 0], [7.5, 4.5]],
  ['ACME, 45 days, 50 % left', share(45, 0.5), [0, 0], [7.5, 4.5]],
  ['ACME, 6 days, 10 % left', share(6, 0.1), [2, 1], [0.4, 0.4]],
  ['ACME, 6 days, 20 % left', share(6, 0.2), [0, 0], [0.8, 0.6]],
  ['ACME, 6 days, 33 % left', share(6, 0.33), [0, 0], [1, 0.6]],
  ['ACME, 6 days, 50 % left', share(6, 0.5), [0, 0], [1, 0.6]],
  ['ACME, 90 after 47 days, 10 % left', [...share(47, 0.1), ...share(90, 0.1)], [2, 1], [5.9, 5.9]],
  ['ACME, 47 after 90 days, 10 % left', [...share(90, 0.1), ...share(47, 0.1)], [2, 0], [3, 3]],
  ['ACME, 47 after 90 days, 33 % left', [...share(90, 0.33), ...share(47, 0.33)], [0, 0], [7.8, 4.7]],
  ['simple-acme, 47 after 90 days', [...always(90, 35), ...always(47, 7)], [2, 0], [4.5, 4.5]],
  [
    'ACME, 90 days, 10 % left, one issued anew on day 5',
    [...always(90, 9), [90, 85], ...always(90, 9, 1)],
    [2, 0],
    [5.7, 5.7],
  ],
  ['By hand, 200 days, once on the last day', [...always(200, 40), [200, 1]], [1, 1], [30, 7]],
  ['By hand, 200 days, a day after the end', always(200, -1), [0, 0], [30, 7]],
];

/** Each renewal is late by a part of the half day after which a client looks again. */
function simulated(cycles: Schedule[1]) {
  const past: PastRenewal[] = [];
  const inTime: { readonly left: number; readonly warned: number; readonly error: number }[] = [];
  let begins = Date.parse('2029-03-15T00:00:00.000Z');
  const issued = (number: number, lasts: number) =>
    certificate(`${number}`, {
      notBefore: new Date(begins).toISOString(),
      notAfter: new Date(begins + lasts * dayMs - 1000).toISOString(),
    });
  const momentsOf = (one: ReturnType<typeof issued>) => {
    const warned = warnMs(one, unset, learnedShare(sharesBefore(past)(one.thumbprint)));
    return { warned, error: Math.min(warned, mustActMs(one, unset)) };
  };
  for (const [number, [lasts, leaves]] of cycles.entries()) {
    const old = issued(number, lasts);
    const left = leaves * dayMs - ((number * 2) % 5) * 0.2 * Math.min(dayMs / 2, (Math.abs(leaves) * dayMs) / 10);
    if (left > 0) inTime.push({ left, ...momentsOf(old) });
    begins += lasts * dayMs - left;
    const next = issued(number + 1, lasts);
    const pair = renewal(`${number}`, `${number + 1}`);
    past.push(...pastRenewals([pair], new Map([old, next].map((one) => [one.thumbprint, one]))));
  }
  const { warned, error } = momentsOf(issued(cycles.length, cycles.at(-1)?.[0] ?? 0));
  return {
    falsely: [
      inTime.filter((one) => one.warned > one.left).length,
      inTime.filter((one) => one.error > one.left).length,
    ],
    last: [inDays(warned), inDays(error)],
  };
}

const inDays = (ms: number) => Math.round((10 * ms) / dayMs) / 10;

describe('warnings of certificates that are renewed on a schedule', () => {
  for (const [what, cycles, falsely, last] of schedules)
    it(what, () => assert.deepEqual(simulated(cycles), { falsely, last }));
});

describe('what renewals of the past teach', () => {
  for (const [what, shares, learned] of [
    ['nothing, where there was none', [], null],
    ['nothing, where there was one', [0.1], null],
    ['the lesser of two that are alike within a third', [0.3, 0.21], 0.21],
    ['the lesser, whichever was first', [0.21, 0.3], 0.21],
    ['nothing, where they differ by more', [0.3, 0.19], null],
    ['nothing, where one came after the end', [-0.01, 0.1], null],
    ['nothing, where both did', [-0.1, -0.1], null],
    ['nothing, where both came at the end', [0, 0], null],
  ] as const)
    it(what, () => assert.equal(learnedShare(shares), learned));

  const past = (old: string, successor: string, leftShare: number): PastRenewal => ({
    old: thumbprintOf(old),
    new: thumbprintOf(successor),
    leftShare,
  });
  for (const [what, renewals, shares] of [
    ['the last two', [past('a', 'b', 0.1), past('b', 'c', 0.2), past('c', 'd', 0.3)], [0.3, 0.2]],
    ['without what was issued anew', [past('a', 'b', 0.1), past('b', 'c', 0.2), past('c', 'd', 0.9)], [0.2, 0.1]],
    ['of two that one replaced, the one that ended last', [past('a', 'd', 0.1), past('b', 'd', 0.2)], [0.2]],
    [
      'of the one before it, where a place keeps an earlier one',
      [past('a', 'b', 0.6), past('a', 'c', 0.4), past('b', 'c', 0.1), past('a', 'd', 0.2), past('c', 'd', 0.1)],
      [0.1, 0.1],
    ],
    ['not in a circle', [past('c', 'd', 0.2), past('d', 'c', 0.9)], [0.2]],
  ] as const)
    it(`are ${what}`, () => assert.deepEqual(sharesBefore(renewals)(thumbprintOf('d')), shares));

  it('are those of the certificate before it, in whatever order a server tells of them', () => {
    const months = ['01', '04', '07', '10'];
    const made = ['a', 'b', 'c', 'd'].map((name, at) =>
      certificate(name, { notBefore: `2026-${months[at]}-01T00:00:00Z`, notAfter: `2026-${months[at]}-30T00:00:00Z` }),
    );
    const seen = new Map(made.map((one) => [`${one.thumbprint}`, one]));
    const told = [renewal('c', 'd'), renewal('b', 'c'), renewal('a', 'b')];
    const shares = sharesBefore([past('b', 'd', -3), ...pastRenewals(told, seen)])(thumbprintOf('d'));
    assert.deepEqual(
      shares,
      [...pastRenewals([renewal('b', 'c'), renewal('c', 'd')], seen)].reverse().map(({ leftShare }) => leftShare),
    );
  });

  const known = new Map(
    [
      certificate('old', { notBefore: '2026-01-01T00:00:00.000Z', notAfter: '2026-04-10T23:59:59.000Z' }),
      certificate('new', { notBefore: '2026-04-01T00:00:00.000Z' }),
    ].map((one) => [`${one.thumbprint}`, one]),
  );
  for (const [what, pair, shares] of [
    ['a tenth where that was left', renewal('old', 'new'), [863999 / 8640000]],
    ['not of what an event alone tells', renewal('old', 'new', { corroborated: false }), []],
    ['not of a revoked one', renewal('old', 'new', { early: 'revoked' }), []],
    ['not of one that is not here', renewal('old', 'other'), []],
    ['not of going back', renewal('new', 'old'), []],
  ] as const)
    it(`is ${what}`, () =>
      assert.deepEqual(
        pastRenewals([pair], known).map(({ leftShare }) => leftShare),
        shares,
      ));
});
