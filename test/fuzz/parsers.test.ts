import assert from 'node:assert/strict';
import { isSlow, itQuickly } from '../support/slow.ts';
import { complaint, fuzz } from './fuzz.ts';
import { finds, fuzzTargets } from './targets.ts';

const secondsInAll = isSlow ? 20 : 1;
const atLeast = isSlow ? 3 : 1;

describe('every parser answers anything with a value or a typed error, in time', () => {
  for (const target of fuzzTargets) {
    itQuickly(`${target.name}: its examples`, async () => {
      assert.ok(target.seeds.length > 0);
      for (const seed of target.seeds) assert.equal(await complaint(target, seed), null);
    });

    it(`${target.name}: rubbish made of them`, async () => {
      // Another seed every day: many machines try many inputs, and a failure on one day can be made again.
      const seed = Math.floor(Date.now() / 86_400_000);
      const { tried, find } = await fuzz(target, seed, (secondsInAll * 1000) / fuzzTargets.length);
      assert.ok(tried >= atLeast, `only ${tried} inputs`);
      assert.equal(
        find,
        null,
        `${target.name}, seed ${seed}: ${find?.why}\n${find?.bytes.subarray(0, 2000).toString('base64')}`,
      );
    });
  }

  it('the first examples of replies lead to TLS, and the others do not', async () => {
    const replies = fuzzTargets.filter(({ name }) => name.endsWith('-replies'));
    assert.equal(replies.length, 4);
    for (const { name, parse, seeds } of replies) {
      const answers = await Promise.all(seeds.map((seed) => parse(seed)));
      assert.deepEqual(
        answers.map((refusal) => refusal === null),
        seeds.map((_, index) => index === 0),
        `${name}: ${answers}`,
      );
    }
  });

  for (const { target, file, bytes } of finds()) {
    it(`${target.name}: ${file}, which once did harm`, async () => assert.equal(await complaint(target, bytes), null));
  }

  it('a parser that throws something else, or is slow, would be noticed', async () => {
    const broken = { name: 'broken', seeds: [Buffer.from('abc')], parse: () => JSON.parse('{') };
    assert.match((await complaint(broken, Buffer.from(''))) ?? '', /JSON/);
    assert.notEqual((await fuzz(broken, 1, 1)).find, null);
  });
});
