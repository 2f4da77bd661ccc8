import assert from 'node:assert/strict';
import fc from 'fast-check';
import { canonicalJson, sha256Hex } from '../../src/model/canonical-json.ts';

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

  it('has a known digest', () => {
    assert.equal(sha256Hex('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
