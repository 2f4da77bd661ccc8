import assert from 'node:assert/strict';
import { lifeMs, longestLifeDays } from '../../../src/model/certificates/longest-life.ts';

describe('the longest life of a public certificate', () => {
  const steps: readonly (readonly [moment: string, before: number, from: number])[] = [
    ['2026-03-15', 398, 200],
    ['2027-03-15', 200, 100],
    ['2029-03-15', 100, 47],
  ];
  for (const [moment, before, from] of steps)
    it(`is ${before} days until the second before ${moment} (UTC), then ${from}`, () => {
      const at = Date.parse(`${moment}T00:00:00Z`);
      assert.equal(longestLifeDays(at - 1000), before);
      assert.equal(longestLifeDays(at - 1), before);
      assert.equal(longestLifeDays(at), from);
      assert.equal(longestLifeDays(at + 1000), from);
    });

  it('is known on a leap day and before the first step too', () => {
    assert.equal(longestLifeDays(Date.parse('2028-02-29T12:00:00Z')), 100);
    assert.equal(longestLifeDays(Date.parse('2019-01-01T00:00:00Z')), 398);
  });

  it('counts the last second, so that 47 days end a second before the same time of day', () => {
    const notBefore = '2029-03-15T00:00:00Z';
    assert.equal(lifeMs({ notBefore, notAfter: '2029-04-30T23:59:59Z' }), 47 * 86_400_000);
    assert.equal(lifeMs({ notBefore: '2028-02-01T00:00:00Z', notAfter: '2028-02-29T23:59:59Z' }), 29 * 86_400_000);
  });
});
