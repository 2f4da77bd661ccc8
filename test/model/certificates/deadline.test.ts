import assert from 'node:assert/strict';
import { dayMs, mustActMs, warnMs } from '../../../src/model/certificates/deadline.ts';
import { certificate } from '../../builders/snapshot.ts';

const begins = Date.parse('2029-03-15T00:00:00.000Z');
const lasting = (days: number, names = ['shop.example.com']) => ({
  ...certificate('shop', { names }),
  notBefore: new Date(begins).toISOString(),
  notAfter: new Date(begins + days * dayMs - 1000).toISOString(),
});
const names = { 'shop.example.com': 0.5, 'other.example.com': 0.25 };

describe('how many days before its end people are warned of a certificate, and it must be replaced', () => {
  for (const [what, days, deadline, warned, act] of [
    ['six days', 6, { names: {} }, 1, 0.6],
    ['30 days', 30, { names: {} }, 5, 3],
    ['48 days', 48, { names: {} }, 8, 4.8],
    ['90 days', 90, { names: {} }, 15, 7],
    ['a year', 365, { names: {} }, 30, 7],
    ['ten years', 3650, { names: {} }, 30, 7],
    ['48 days, and 30 are set: as they are, and nothing is done sooner', 48, { days: 30, names: {} }, 30, 4.8],
    ['a year, and 30 are set: nothing is done sooner', 365, { days: 30, names: {} }, 30, 7],
    ['a year, and 3 are set: both', 365, { days: 3, names: {} }, 3, 3],
    ['six days, and 3 are set', 6, { days: 3, names: {} }, 3, 0.6],
    ['a year, and 0 are set', 365, { days: 0, names: {} }, 0, 0],
    ['60 days, and its name has days', 60, { days: 30, names }, 0.5, 0.5],
    ['60 days, and another name has days', 60, { names: { 'api.example.com': 1 } }, 10, 6],
  ] as const)
    it(what, () => {
      assert.equal(warnMs(lasting(days), deadline, null) / dayMs, warned);
      assert.equal(mustActMs(lasting(days), deadline) / dayMs, act);
    });

  it('of several names with days, the least', () => {
    const both = lasting(60, ['shop.example.com', 'other.example.com']);
    assert.equal(warnMs(both, { names }, null), 0.25 * dayMs);
  });

  it('two thirds of what its renewals leave, and no sooner than without them', () => {
    assert.equal(warnMs(lasting(90), { names: {} }, 0.1), 6 * dayMs);
    assert.equal(warnMs(lasting(90), { names: {} }, 0.3), 15 * dayMs);
    assert.equal(warnMs(lasting(90), { days: 14, names: {} }, 0.1), 14 * dayMs, 'what a person set holds');
  });
});
