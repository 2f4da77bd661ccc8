import type { Configuration } from '../model/documents/configuration.ts';
import type { Snapshot } from '../model/documents/snapshot.ts';
import type { DeadlineAlert, Ledger } from '../model/runs/ledger.ts';
import type { Plan } from '../model/runs/plan.ts';
import type { Change } from '../server/server.ts';

/** What a planner gets to see, read under the lock. */
export interface Facts {
  readonly snapshot: Snapshot;
  readonly ledger: Ledger;
}

/** What a command wants done. The executor is handed every decision as a function and makes none itself. */
export interface RunRequest {
  /** For people who read the journal. */
  readonly command: string;
  /** Makes the plan; called again when certificates that come late have been read again. May throw to refuse. */
  readonly plan: (facts: Facts) => Plan | Promise<Plan>;
  /** Whether an earlier run has done all that this start was for; asked under the lock, before the server is. */
  readonly isSettled?: (ledger: Ledger) => boolean;
  /**
   * Whether the plan takes up every event of the snapshot's log. Only such a run may remember the listing, which lets
   * queued starts end without looking at the server.
   */
  readonly takesEveryEvent: boolean;
  /** What a person has to be told of the facts that the plan was made from; said once the run is over. */
  readonly alert?: (facts: Facts, plan: Plan) => DeadlineAlert | null;
  /** What becomes of the task that starts the next run when the window opens; `null` for nothing. */
  readonly appointment?: (facts: Facts, plan: Plan) => Change | null;
  /** Nothing is written, on the server or in the state folder. */
  readonly dryRun: boolean;
  /** Wait for the lock instead of failing with `locked`. */
  readonly wait: boolean;
  readonly undo: Configuration['undo'];
  readonly keepRuns: number;
}
