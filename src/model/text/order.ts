/** Order by code unit: the same everywhere, whatever the language of the machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The texts, each once, in order. */
export function distinct(texts: Iterable<string>): string[] {
  return [...new Set(texts)].sort(compareText);
}
