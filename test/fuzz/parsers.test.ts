import assert from 'node:assert/strict';
import { complaint, fuzz } from './fuzz.ts';
import { finds, fuzzTargets } from './targets.ts';

const secondsInAll = 15;

describe('every parser answers anything with a value or a typed error, in time', () => {
  for (const target of fuzzTargets) {
    it(`${target.name}: its examples`, () => {
      assert.ok(target.seeds.length > 0);
      for (const seed of target.seeds) assert.equal(complaint(target, seed), null);
    });

    it(`${target.name}: rubbish made of them`, () => {
      // Another seed every day: many machines try many inputs, and a failure on one day can be made again.
      const seed = Math.floor(Date.now() / 86_400_000);
      const { tried, find } = fuzz(target, seed, (secondsInAll * 1000) / fuzzTargets.length);
      assert.ok(tried > 10, `only ${tried} inputs`);
      assert.equal(
        find,
        null,
        `${target.name}, seed ${seed}: ${find?.why}\n${find?.bytes.subarray(0, 2000).toString('base64')}`,
      );
    });
  }

  for (const { target, file, bytes } of finds()) {
    it(`${target.name}: ${file}, which once did harm`, () => assert.equal(complaint(target, bytes), null));
  }

  it('a parser that throws something else, or is slow, would be noticed', () => {
    const broken = { name: 'broken', seeds: [Buffer.from('abc')], parse: () => JSON.parse('{') };
    assert.match(complaint(broken, Buffer.from('')) ?? '', /JSON/);
    assert.notEqual(fuzz(broken, 1, 1).find, null);
  });
});
