/**
 * The tables of codes in this folder feed help (`certrebind explain`), the docs, the JSON types and the exit codes, so that
 * these cannot differ. `fact` names the entry of docs/evidence/fidelity.md that a code depends on.
 */
export interface Entry {
  readonly text: string;
  readonly hint: string;
  /** What can be typed, by what it is for; `<old>`, `<place>` and the like stand for what the message names. */
  readonly lines?: Readonly<Record<string, string>>;
  readonly fact?: string;
}

/** The entries of a table with their codes, in its order. */
export function listedCodes<Code extends string, E extends Entry>(
  table: Readonly<Record<Code, E>>,
): readonly (E & { readonly code: Code })[] {
  return Object.entries<E>(table).map(([code, entry]) => ({ ...entry, code: code as Code }));
}

/** The entry of a code in its table; `undefined` for a code of another version. */
export function entryOf<E extends Entry>(table: Readonly<Record<string, E>>, code: string): E | undefined {
  return Object.hasOwn(table, code) ? table[code] : undefined;
}
