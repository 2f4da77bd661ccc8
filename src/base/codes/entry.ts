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

/** What to do, as the hint of an error: the sentence, and below it each line to type with what it is for. */
export function hintWithLines({ hint, lines = {} }: Entry): string {
  return [hint, ...Object.entries(lines).map(([what, line]) => `${what}:\n  ${line}`)].join('\n');
}

/** The parts of such a hint: what it says, and the lines that are whole. */
export function partsOfHint(hint: string): { readonly hint: string; readonly commands: readonly string[] } {
  const lines = hint.split('\n');
  const isTyped = (line: string) => line.startsWith('  ');
  return {
    hint: lines.filter((line) => !isTyped(line) && !line.endsWith(':')).join(' '),
    commands: lines.filter((line) => isTyped(line) && !line.includes('<')).map((line) => line.trim()),
  };
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
