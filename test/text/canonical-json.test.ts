import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { canonicalDigest, canonicalJson } from '../../src/text/canonical-json.ts';
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

  it('has the digest of its text, also of one that is written in pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.string({ unit: anyCharacter }), fc.jsonValue())), (value) => {
        assert.equal(canonicalDigest(value), sha256Hex(canonicalJson(value)));
      }),
    );
    const long = Array.from({ length: 2000 }, (_, at) => ({
      at,
      text: `é${'x'.repeat(at % 50)}`,
      at2: at % 3 ? 1 : undefined,
    }));
    assert.equal(canonicalDigest(long), sha256Hex(canonicalJson(long)));
    assert.deepEqual(JSON.parse(canonicalJson(long)), JSON.parse(JSON.stringify(long)));
  });

  it('is whole at the seams of its pieces, however long a text is', () => {
    for (const length of [65_530, 65_533, 65_534, 65_535, 65_536, 70_000]) {
      for (const letter of ['x', 'é', '"']) {
        const value = { before: 'b', [letter.repeat(length)]: letter.repeat(length), after: [letter, 1] };
        assert.deepEqual(JSON.parse(canonicalJson(value)), value);
        assert.equal(canonicalDigest(value), sha256Hex(canonicalJson(value)));
      }
    }
  });

  it('writes an object that stands in many places as often, wherever a piece ends', () => {
    const shared = fc.array(fc.oneof(fc.jsonValue(), fc.constant('x'.repeat(9000))), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(shared, fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 60 }), (pool, picks) => {
        const wrapped = pool.map((value) => ({ value, more: { last: value } }));
        const of = (at: number) => wrapped[at % wrapped.length];
        const value = picks.map(([a, b]) => ({ b: of(b), a: of(a), c: { a: of(b) } }));
        assert.equal(canonicalJson(value), plain(value));
      }),
    );
  });

  it('tells layouts apart that begin with one name', () => {
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

  it('has a known digest', () => {
    assert.equal(canonicalDigest('abc'), '6cc43f858fbb763301637b5af970e2a46b46f461f27e5a0f41e009c59b827b25');
  });
});

function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** The plainest writer. */
function plain(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(plain).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, one]) => `${JSON.stringify(name)}:${plain(one)}`).join(',')}}`;
}
