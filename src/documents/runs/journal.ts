import type { Integer, Time } from '../../base/document.ts';
import type { HolderNow } from '../../kinds/holder.ts';
import type { Observation } from '../../model/certificates/handshake.ts';
import type { StepError } from './outcome.ts';
import type { Plan } from './plan.ts';

/**
 * What a line of `journal.ndjson` tells; its time says nothing about a step. Each is flushed before the next effect. The
 * first one holds everything that a later process needs to finish or to undo the run: the plan with the full old values,
 * and the baseline. The state of every step follows from the lines alone (`after`).
 */
export type JournalEntry =
  | {
      readonly schema: 'certrebind/journal/1';
      readonly type: 'opened';
      readonly run: string;
      /** For people. */
      readonly command: string;
      readonly plan: Plan;
      readonly baseline: readonly { readonly step: Integer; readonly observations: readonly Observation[] }[];
    }
  | { readonly type: 'changing'; readonly steps: readonly Integer[] }
  | { readonly type: 'not-attempted'; readonly steps: readonly Integer[]; readonly error: StepError | null }
  /** `now`: as it was read back. */
  | { readonly type: 'changed'; readonly step: Integer; readonly now: HolderNow; readonly said: ServerError | null }
  /** Flushed before a service is stopped: a later process starts it, whatever became of this one. */
  | { readonly type: 'restarting'; readonly step: Integer; readonly services: readonly string[] }
  | {
      readonly type: 'restarted';
      readonly step: Integer;
      /** From the order to stop until clients were served again; `null` for one that a killed run began. */
      readonly seconds: number | null;
      /** Why clients do not get the certificate that is set; `null` if they do. */
      readonly error: string | null;
      /** Windows did not stop it, so that it goes on with what it has read; absent otherwise. */
      readonly isRefused?: true;
      /** What was stopped for it and does not run again; absent for nothing. */
      readonly unstarted?: readonly string[];
    }
  | { readonly type: 'repairing'; readonly step: Integer; readonly options: readonly string[] }
  | {
      readonly type: 'repaired';
      readonly step: Integer;
      readonly options: readonly string[];
      readonly now: HolderNow;
      readonly words: string;
    }
  | {
      readonly type: 'proved';
      readonly step: Integer;
      readonly proof: Proof;
      readonly observations: readonly Observation[];
      readonly error: StepError | null;
    }
  | { readonly type: 'rolling-back'; readonly step: Integer; readonly error: StepError | null }
  | {
      readonly type: 'rolled-back';
      readonly step: Integer;
      readonly now: HolderNow;
      /** What the server said the last time; `null` when nothing had to be asked. */
      readonly words: string | null;
      /** What is wrong with its service still; absent for nothing. */
      readonly trouble?: string;
    }
  | { readonly type: 'recovering'; readonly pid: Integer }
  /** How recovery finds a step of a killed run. */
  | { readonly type: 'found'; readonly step: Integer; readonly now: HolderNow };

export type JournalLine = JournalEntry & { readonly at: Time };

/** What the endpoints of a step prove; `none` when none was dialled. */
export type Proof = 'verified' | 'not-verified' | 'served-successor' | 'still-old' | 'still-served' | 'worse' | 'none';

/**
 * The server's own error text; never trusted without what was read back. `refused`: the server's own error.
 * `changed-meanwhile`: the holder did not hold what was expected. `cannot-express`: an option netsh here does not know.
 * `silent`: no answer, the effect is unknown.
 */
export interface ServerError {
  readonly code: 'refused' | 'changed-meanwhile' | 'cannot-express' | 'silent';
  readonly message: string;
}

/** What is left of a run that was killed. */
export interface KilledRun {
  /** Its whole lines that can be read; a torn last line is left out. */
  readonly journal: readonly JournalLine[];
  /** Numbers, from 1, of whole lines that cannot be read and may name any record. */
  readonly damagedLines: readonly Integer[];
}
