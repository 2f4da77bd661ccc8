import type { Stage } from './stage.ts';

/** What was found out, part by part: texts as Windows or the program gave them, or why there are none. */
export type Told = Readonly<Record<string, Part>>;
export type Part = readonly string[] | { readonly refused: string };

/** Questions about Windows that one file asks. What collects them decides nothing, and what decides reaches nothing. */
export interface Measurement {
  /** `yes`: reads only. `mark`: touches what it made itself. `vm`: may spoil the machine. The order within a suite. */
  readonly safe: 'yes' | 'mark' | 'vm';
  /** It asks what only an installed program can be asked: it imports keys, or looks how the installed adapter starts. */
  readonly program?: 'installed';
  /** How long it may take; then it is ended, and counts as one that gave no answer. */
  readonly seconds: number;
  collect(stage: Stage): Promise<Told>;
  /** By the names in docs/evidence/fidelity.md. */
  readonly rows: Readonly<Record<string, Row>>;
}

export interface Row {
  /** What was done, for a person who reads the result. */
  readonly how: string;
  /** The parts without which nothing can be said. */
  readonly from: readonly string[];
  /** One of the positions of the row, or `other` with what speaks for itself in the evidence. */
  decide(said: (part: string) => readonly string[]): string;
  /** What Windows would have said in each position. */
  readonly examples: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** Proof that the product does its work there. It throws where it does not. */
export interface Story {
  readonly safe: Measurement['safe'];
  readonly program?: Measurement['program'];
  readonly seconds: number;
  tell(stage: Stage): Promise<void>;
}

/** What a file of a suite exports: one of them. */
export interface Asked {
  readonly measurement?: Measurement;
  readonly story?: Story;
}

/** Why something cannot be asked of this server: an expected answer, not an error. */
export class NotMeasured extends Error {}

/** Positions of a fact that no switch of the lab stands for. */
export const asBelieved = 'as-believed';
export const otherwise = 'otherwise';

/** A row that one part tells. The examples: what a Windows says in each position. */
export function position(
  part: string,
  how: string,
  decide: (said: readonly string[]) => string,
  examples: Readonly<Record<string, readonly string[]>>,
): Row {
  const told = Object.entries(examples).map(([name, said]) => [name, { [part]: said }]);
  return { how, from: [part], decide: (said) => decide(said(part)), examples: Object.fromEntries(told) };
}

/** A row that is so or not. */
export function fact(
  part: string,
  how: string,
  isSo: (said: readonly string[]) => boolean,
  { so, not }: { readonly so: readonly string[]; readonly not: readonly string[] },
): Row {
  const decide = (said: readonly string[]) => (isSo(said) ? asBelieved : otherwise);
  return position(part, how, decide, { [asBelieved]: so, [otherwise]: not });
}

/** A row that is so where exactly this is said. */
export function exactly(part: string, how: string, so: readonly string[], not: readonly string[]): Row {
  return fact(part, how, (said) => said.join() === so.join(), { so, not });
}

/** A row whose positions stand for one word each. */
export function oneOf(part: string, how: string, positions: Readonly<Record<string, string>>): Row {
  const words = Object.entries(positions).map(([word, name]) => [name, [word]]);
  const examples = { ...Object.fromEntries(words), other: ['something else'] };
  return position(part, how, ([word = '']) => positions[word] ?? 'other', examples);
}

export interface Answer {
  readonly row: string;
  /** `null`: not measured, and `how` says why. */
  readonly measured: string | null;
  readonly how: string;
  readonly evidence: readonly string[];
}

const longestEvidence = 4000;

/** The same reason for each. */
export function unanswered(rows: readonly string[], why: string): readonly Answer[] {
  return rows.map((row) => ({ row, measured: null, how: why, evidence: [] }));
}

export function answersOf({ rows }: Pick<Measurement, 'rows'>, told: Told): readonly Answer[] {
  return Object.entries(rows).map(([row, { how, from, decide }]) => {
    const evidence = from.map((part) => `${part}: ${JSON.stringify(told[part] ?? null)}`.slice(0, longestEvidence));
    const without = from.flatMap((part) => {
      const said = told[part];
      return isSaid(said) ? [] : [`${part}: ${said?.refused ?? 'not told'}`];
    });
    if (without.length > 0) return { row, measured: null, how: without.join('; '), evidence };
    const measured = decide((part) => {
      const said = told[part];
      return isSaid(said) ? said : [];
    });
    return { row, measured, how, evidence };
  });
}

export function isSaid(part: Part | undefined): part is readonly string[] {
  return Array.isArray(part);
}
