import json from '../../../docs/evidence/fidelity.json' with { type: 'json' };

/** What the code believes about Windows; `docs/evidence/fidelity.schema.json` says what each member means. */
export interface Fact {
  readonly known: string;
  readonly fact?: string;
  readonly from: string;
  readonly ifFalse?: string;
  readonly safe?: string;
  readonly shown?: readonly string[];
  readonly notHosted?: string;
  readonly mayBeOpen?: string;
}

/** By the names that comments cite behind `fidelity`, and to which codes, switches of the lab and measurements refer. */
export const facts: Readonly<Record<string, Fact>> = json.facts;
