/** Order by code unit: the same everywhere, whatever the language of the machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The texts, each once, in order. */
export function distinct<Text extends string>(texts: Iterable<Text>): Text[] {
  return [...new Set(texts)].sort(compareText);
}

/** Several lists as one: each text once, and before everything that follows it in its list. */
export function joinedInOrder(lists: Iterable<readonly string[]>): readonly string[] {
  const joined: string[] = [];
  const known = new Set<string>();
  for (const list of lists) {
    let place = joined.length;
    for (const text of list.toReversed()) {
      if (known.has(text)) place = joined.indexOf(text);
      else joined.splice(place, 0, text);
      known.add(text);
    }
  }
  return joined;
}

/**
 * The shortest beginning of each text that no other one has: a character more than it has in common with its neighbours
 * in order.
 * @param least that every beginning has
 */
export function shortestUniquePrefixes(texts: readonly string[], least: number): (text: string) => string {
  const sorted = distinct(texts);
  const places = new Map(sorted.map((text, place) => [text, place]));
  return (text) => {
    const place = places.get(text) ?? -1;
    const shared = [sorted[place - 1], sorted[place + 1]].map((other) => sharedLength(text, other ?? ''));
    return text.slice(0, Math.max(least, ...shared.map((length) => length + 1)));
  };
}

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < b.length && a[length] === b[length]) length++;
  return length;
}
