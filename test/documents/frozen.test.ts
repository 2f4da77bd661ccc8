import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { freeze, frozenNumbers, frozenSchema, workingSchemas } from './frozen.ts';

/** Later versions add settings, and facts that an earlier one passes over: what was accepted stays accepted. */
const mayGrow = ['configuration', 'inventory'];

describe('what is promised of documents', () => {
  for (const [number, schema] of workingSchemas())
    it(`certrebind/${number} is what it was when it was promised`, () => {
      if (frozenSchema(number) === null && process.env.UPDATE_FROZEN === '1') freeze(number, schema);
      const promised = frozenSchema(number);
      assert.ok(promised !== null, `new: UPDATE_FROZEN=1 promises certrebind/${number}`);
      if (mayGrow.some((name) => number.startsWith(`${name}/`))) assert.deepEqual(taken(promised, schema), []);
      else assert.deepEqual(schema, promised);
    });

  it('is said of every number once', () => {
    assert.ok(frozenNumbers().length >= workingSchemas().size);
    assert.ok(frozenNumbers().includes('outcome/2'), frozenNumbers().join());
  });

  for (const [change, schema] of [
    ['a property', { properties: {} }],
    ['a word', { properties: { at: { enum: ['a'] } } }],
    ['a part of it', { properties: { at: { enum: ['a', 'b'], minLength: 2 } } }],
  ] as const)
    it(`would be broken by ${change} that is other than before`, () =>
      assert.notDeepEqual(taken({ properties: { at: { enum: ['a', 'b'] } } }, schema), []));

  it('is kept where something is added', () => {
    const grown = { properties: { at: { enum: ['a', 'b', 'c'] }, by: {} } };
    assert.deepEqual(taken({ properties: { at: { enum: ['a', 'b'] } } }, grown), []);
  });
});

/** What a schema no longer accepts that was promised, or accepts only with something that was not asked for. */
function taken(promised: unknown, now: unknown, at = ''): readonly string[] {
  if (typeof promised !== 'object' || promised === null) return promised === now ? [] : [at];
  if (Array.isArray(promised)) {
    const isThere = (word: unknown) => Array.isArray(now) && now.some((one) => isDeepStrictEqual(one, word));
    return promised.every(isThere) ? [] : [at];
  }
  const added = Object.keys(Object(now)).filter((name) => !(name in promised));
  const isList = /\/(properties|definitions)$/.test(at);
  return [
    ...Object.entries(promised).flatMap(([name, part]) => taken(part, Object(now)[name], `${at}/${name}`)),
    ...(isList ? [] : added.map((name) => `${at}/${name}`)),
    ...(at.endsWith('/required') ? [] : lists(promised, now, at)),
  ];
}

/** What has to be there must not become more. */
function lists(promised: object, now: unknown, at: string): readonly string[] {
  const [before = [], after = []] = [promised, now].map((schema): readonly unknown[] => Object(schema).required);
  return after.every((name) => before.includes(name)) ? [] : [`${at}/required`];
}
