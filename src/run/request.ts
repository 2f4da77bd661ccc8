import type { Configuration } from '../documents/configuration.ts';
import type { Ledger } from '../documents/runs/ledger.ts';
import type { Plan } from '../documents/runs/plan.ts';
import type { Snapshot } from '../holders/snapshot.ts';
import type { Change } from '../server/server.ts';

/** What a planner gets, read under the lock. */
export interface Facts {
  readonly snapshot: Snapshot;
  readonly ledger: Ledger;
}

/** A command's request. The executor is given every decision as a function and makes none itself. */
export interface RunRequest {
  /** For people who read the journal. */
  readonly command: string;
  /** Makes the plan; called again when certificates that were late have been read again. May throw to refuse. */
  readonly plan: (facts: Facts) => Plan | Promise<Plan>;
  /**
   * Whether an earlier run has done everything this start was for; checked under the lock, before the server is used.
   */
  readonly isSettled?: (ledger: Ledger) => boolean;
  /**
   * Whether the plan covers every event of the snapshot's log. Only such a run may remember the listing, which lets
   * queued starts end without reading the server.
   */
  readonly takesEveryEvent: boolean;
  /** The change to the task that starts the next run when the window opens; `null` for none. */
  readonly appointment?: (facts: Facts, plan: Plan) => Change | null;
  /** Nothing is written, on the server or in the state folder. */
  readonly dryRun: boolean;
  /** Wait for the lock instead of failing with `locked`. */
  readonly wait: boolean;
  readonly undo: Configuration['undo'];
  readonly keepRuns: number;
}
