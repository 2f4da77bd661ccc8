import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { canonicalDigest, canonicalJson } from '../../src/base/canonical-json.ts';
import { anyCharacter } from '../support/any-character.ts';

describe('canonical JSON', () => {
  it('is JSON of the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('does not depend on the order of properties', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        assert.equal(canonicalJson(reversed), canonicalJson(value));
      }),
    );
  });

  it('has the digest of its text', () => {
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.string({ unit: anyCharacter }), fc.jsonValue())), (value) => {
        assert.equal(canonicalDigest(value), sha256Hex(canonicalJson(value)));
      }),
    );
  });

  it('tells objects apart that begin with one name', () => {
    assert.equal(
      canonicalJson([{ a: 1, c: 2 }, { a: 1, b: 2 }, { a: 3 }, {}]),
      '[{"a":1,"c":2},{"a":1,"b":2},{"a":3},{}]',
    );
  });

  it('sorts keys by code unit at every depth and writes no blanks', () => {
    assert.equal(
      canonicalJson({ b: [{ z: 1, a: 'x y' }], B: null, a: true }),
      '{"B":null,"a":true,"b":[{"a":"x y","z":1}]}',
    );
  });

  it('leaves out what is absent', () => assert.equal(canonicalJson({ a: undefined, b: 1 }), '{"b":1}'));

  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1n, () => 1, Symbol('s')]) {
    it(`refuses ${String(value)}`, () => assert.throws(() => canonicalJson({ value }), TypeError));
  }

  it('has a known digest', () =>
    assert.equal(canonicalDigest('abc'), '6cc43f858fbb763301637b5af970e2a46b46f461f27e5a0f41e009c59b827b25'));
});

function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
