import type { CertRebindError, ErrorDocument } from '../../base/errors.ts';
import type { Looked } from '../../documents/looked.ts';
import type { JournalLine, KilledRun } from '../../documents/runs/journal.ts';
import type { Ledger } from '../../documents/runs/ledger.ts';
import type { Outcome } from '../../documents/runs/outcome.ts';
import type { RunSummary } from '../../documents/runs/run-summary.ts';
import type { Seen } from '../../documents/seen.ts';

/**
 * What CertRebind remembers of a server. Every method that writes is one effect: done completely or not at all, and
 * flushed before it returns.
 */
export interface State {
  /** The folder, absolute, for messages. */
  readonly folder: string;
  /**
   * Takes the lock of the server. A lock whose owner is gone (by process, start time and boot) is taken over.
   * @throws CertRebindError `locked` when another holds it and `wait` is false
   */
  lock(options: { readonly wait: boolean; readonly signal: AbortSignal }): Promise<Lock>;
  /**
   * Called before anything that is remembered is used, and before anything is written.
   * @throws CertRebindError `unsafe-folder` when others than administrators could have written it, `other-version`
   */
  assertSafe(): Promise<void>;
  /** The same of a closed run, which that leaves out. @throws CertRebindError `unsafe-folder` */
  assertSafeRun(run: string): Promise<void>;
  /**
   * Empty if there is none, or if it is damaged, which `ledgerDamage` reports.
   * @throws CertRebindError `other-version`, or `bad-input` when the system refuses to read it
   */
  readLedger(): Promise<Ledger>;
  /** `damaged-file` if the ledger cannot be parsed, or is missing although runs were closed; `null` otherwise. */
  ledgerDamage(): Promise<CertRebindError | null>;
  /** Replaces a damaged ledger, which is kept beside it. Returns where; `null` if it was missing. */
  replaceLedger(ledger: Ledger, at: Date): Promise<string | null>;
  writeLedger(ledger: Ledger): Promise<void>;
  /** Comes with the ledger. Written without the lock, by the hourly run alone. */
  writeLooked(looked: Looked): Promise<void>;
  /** What endpoints served when they were last dialled; nothing where it cannot be read. */
  readSeen(): Promise<Seen>;
  /** What two processes see at once is kept of both. */
  changeSeen(change: (seen: Seen) => Seen): Promise<void>;
  /** All runs, oldest first, without opening those that are closed; an empty list where there is no state folder. */
  listRuns(): Promise<readonly RunHead[]>;
  /** `run-order-unknown` if it is not known which run is the newest; `null` otherwise. */
  unclearOrder(now: Date): Promise<CertRebindError | null>;
  /** Runs that no outcome closes, oldest first; cheap, since every run asks. */
  unfinishedRuns(): Promise<readonly string[]>;
  /** @throws CertRebindError `no-such-run`, or why its outcome cannot be read */
  readRun(run: string): Promise<StoredRun>;
  /** Its outcome without its journal; `null` while it is unfinished. */
  readOutcome(run: string): Promise<Outcome | null>;
  openRun(run: string): Promise<RunJournal>;
  /** Continues the journal of an unfinished run. */
  reopenRun(run: string): Promise<RunJournal>;
  /** Removes an unfinished run whose journal has no whole line: it cannot have changed anything. */
  discardRun(run: string): Promise<void>;
  /** Removes the oldest closed runs, so that `keep` are left besides the `spared`; of very many, some at each call. */
  pruneRuns(keep: number, spared?: ReadonlySet<string>): Promise<void>;
  /** Removes what processes left before this time when they were killed while writing a file. */
  removeTemporaryFiles(before: Date): Promise<void>;
  readLastError(): Promise<ErrorDocument | null>;
  /** Written without a server and without the lock; `null` clears it. */
  writeLastError(document: ErrorDocument | null): Promise<void>;
}

export interface Lock {
  release(): Promise<void>;
}

export interface RunHead {
  readonly run: string;
  /** `null` while the run is unfinished, and when its outcome cannot be read. */
  readonly summary: RunSummary | null;
  /** Why the outcome cannot be read, for example `damaged-file`; `null` when it can, or there is none yet. */
  readonly unreadable: CertRebindError | null;
}

export interface StoredRun extends KilledRun {
  readonly run: string;
  /** `null` while the run is unfinished. */
  readonly outcome: Outcome | null;
}

export interface RunJournal {
  readonly run: string;
  /** The lines in one write, flushed; room for the closing lines is taken with the first. */
  append(...lines: readonly JournalLine[]): Promise<void>;
  /** Writes the outcome by atomic rename, which closes the run. */
  close(outcome: Outcome): Promise<void>;
  /** Closes the file and leaves the run unfinished, for the next process to recover. */
  abandon(): Promise<void>;
}
