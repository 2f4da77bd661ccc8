import assert from 'node:assert/strict';

/** One part of each of a list, or a list of several of them. */
export function each<K extends PropertyKey>(
  list: readonly { readonly [P in K]?: unknown }[] | undefined,
  ...names: readonly K[]
): readonly unknown[] {
  assert.ok(list !== undefined, 'there is no list');
  const [name] = names;
  return list.map((one) => (names.length === 1 && name !== undefined ? one[name] : names.map((part) => one[part])));
}

/** Fails where one of a list is so, and names each that is. */
export function assertNone<One>(list: readonly One[], is: (one: One, at: number) => boolean): void {
  assert.deepEqual(list.filter(is), []);
}
