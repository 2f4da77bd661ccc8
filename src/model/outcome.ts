import type { ValidateFunction } from 'ajv';
import { checkDocument, type DocumentKind, parseJson } from './document.ts';
import type { EngineStart } from './engine-start.ts';
import type { ErrorDocument } from './errors.ts';
import { validateOutcome } from './generated/validators.js';
import type { Handshake } from './handshake.ts';
import type { Note, Plan } from './plan.ts';
import type { KeyText } from './record-key.ts';
import type { Renewal } from './renewal.ts';
import type { Thumbprint } from './thumbprint.ts';

export type RunResult = 'rebound' | 'partly-rebound' | 'nothing-to-do' | 'blocked' | 'undone' | 'needs-attention';

/** What became of a run; the file that closes its folder, and what `--json` prints. */
export interface Outcome {
  readonly schema: 'certrebind/outcome/1';
  readonly run: string;
  readonly dryRun: boolean;
  readonly result: RunResult;
  readonly exitCode: number;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly counts: Counts;
  readonly steps: readonly StepOutcome[];
  readonly blocked: Plan['blocked'];
  readonly skipped: Plan['skipped'];
  readonly renewals: readonly Renewal[];
  readonly notes: readonly Note[];
  readonly cost: Cost;
}

export interface Counts {
  readonly changed: number;
  readonly already: number;
  readonly blocked: number;
  readonly skipped: number;
  readonly undone: number;
  readonly failed: number;
}

/** PowerShell sessions and round trips used; in the lab, connections and requests. */
export interface Cost {
  readonly sessions: number;
  readonly roundTrips: number;
  /** How the last session was started; absent where no PowerShell was. */
  readonly engine?: EngineStart;
}

export type Proof = 'proven' | 'unproven' | 'served-successor' | 'worse' | 'none';

export interface StepOutcome {
  readonly id: number;
  readonly key: KeyText;
  readonly result: 'changed' | 'already' | 'not-attempted' | 'undone' | 'undo-failed' | 'failed';
  readonly now:
    | { readonly state: 'holds'; readonly thumbprint: Thumbprint | null }
    | { readonly state: 'absent' }
    | { readonly state: 'unknown'; readonly why: string };
  /** Names of the options that a change lost and a repair brought back. */
  readonly repairedOptions: readonly string[];
  readonly proof: Proof;
  readonly before: readonly Handshake[];
  readonly after: readonly Handshake[];
  readonly error: ErrorDocument['error'] | null;
}

const outcomeKind: DocumentKind<Outcome> = {
  name: 'outcome',
  version: 1,
  validate: validateOutcome as ValidateFunction<Outcome>,
};

/** @throws CertRebindError `bad-document` or `later-schema` */
export function parseOutcome(text: string, where: string): Outcome {
  return checkDocument(parseJson(text, where), outcomeKind, where);
}
