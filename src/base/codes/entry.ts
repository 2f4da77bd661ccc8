/**
 * The tables of codes in this folder feed help (`certrebind explain`), the docs, the JSON types and the exit codes, so that
 * these cannot differ. `fact` names the entry of docs/evidence/fidelity.md that a code depends on.
 */
export interface Entry {
  readonly code: string;
  readonly text: string;
  readonly hint: string;
  readonly fact?: string;
}

/** The entry of a code in its table. */
export function entryOf<E extends Entry>(table: readonly E[], code: string): E | undefined {
  return table.find((entry) => entry.code === code);
}
