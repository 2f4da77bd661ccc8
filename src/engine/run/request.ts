import type { PlannedRepair } from '../../base/codes/finding-codes.ts';
import type { Configuration } from '../../documents/configuration.ts';
import type { Ledger } from '../../documents/runs/ledger.ts';
import type { Note, Plan } from '../../documents/runs/plan.ts';
import type { Finding } from '../../documents/status.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { Arriving } from '../../model/certificates/certificate-with-key.ts';
import type { Renewal } from '../../model/certificates/renewal.ts';
import type { Overrides } from '../plan/overrides.ts';

/** What a plan is made from, read under the lock. */
export interface Facts {
  readonly snapshot: Snapshot;
  readonly ledger: Ledger;
}

/** What a run is to do; `planWanted` makes the plan. */
export type Wanted =
  /**
   * Every renewal that is not settled, and every debt; with an event, only if no earlier run has settled its renewal. A person
   * does not wait for what was set back.
   */
  | {
      readonly want: 'pending';
      readonly event?: { readonly record: number; readonly startedAt: Date };
      readonly byPerson?: boolean;
    }
  /** A plan that was made earlier. */
  | { readonly want: 'chosen'; readonly chosen: Plan; readonly force: boolean }
  /** A run by its name or the beginning of it; `last`: the last one that changed something and was no undo. */
  | { readonly want: 'undo'; readonly run: string; readonly force: boolean }
  /** Every finding of one code; `byHand` are those that only a person can repair. */
  | { readonly want: 'repair'; readonly repair: PlannedRepair; readonly byHand: readonly Finding[] }
  /** Exactly these pairs. */
  | {
      readonly want: 'pairs';
      readonly renewals: readonly Renewal[];
      readonly purpose?: 'import' | 'rehearsal';
      readonly reapply?: boolean;
      /** What comes with the new certificate, where that is imported for the run. */
      readonly arriving?: Arriving;
      /** What named the old certificate, which the server must know then. */
      readonly oldOption?: string;
      /** Of the caller, about the whole plan. */
      readonly notes?: readonly Note[];
    };

/** A command's request, in values alone. */
export interface RunRequest {
  /** For people who read the journal. */
  readonly command: string;
  readonly wanted: Wanted;
  readonly configuration: Configuration;
  readonly overrides?: Overrides;
  /** The plan that a person agreed to: one with other changes is refused. */
  readonly agreed?: Plan;
  /** Nothing is written, on the server or in the state folder. */
  readonly dryRun: boolean;
  /** Wait for the lock instead of failing with `locked`. */
  readonly wait: boolean;
}
