import type { ErrorDocument } from '../model/errors.ts';
import type { JournalLine } from '../model/journal.ts';
import type { Ledger } from '../model/ledger.ts';
import type { Outcome } from '../model/outcome.ts';

/**
 * What CertRebind remembers of a server. Every method that writes is one effect: done wholly or not at all, and flushed
 * before it returns.
 */
export interface State {
  /** The folder, absolute, for messages. */
  readonly folder: string;
  /**
   * Takes the lock of the server. A lock whose owner is gone (by process, start time and boot) is taken over.
   * @throws CertRebindError `locked` when another holds it and `wait` is false
   */
  lock(options: { readonly wait: boolean; readonly signal: AbortSignal }): Promise<Lock>;
  readLedger(): Promise<Ledger>;
  writeLedger(ledger: Ledger): Promise<void>;
  /** All runs, oldest first; an empty list where there is no state folder. */
  listRuns(): Promise<readonly StoredRun[]>;
  /** @throws CertRebindError `no-such-run` */
  readRun(run: string): Promise<StoredRun>;
  openRun(run: string): Promise<RunJournal>;
  /** Continues the journal of an unfinished run. */
  reopenRun(run: string): Promise<RunJournal>;
  readLastError(): Promise<ErrorDocument | null>;
  /** Written without a server and without the lock; `null` clears it. */
  writeLastError(document: ErrorDocument | null): Promise<void>;
}

export interface Lock {
  release(): Promise<void>;
}

export interface StoredRun {
  readonly run: string;
  /** Whole lines only; a torn last line is left out. */
  readonly journal: readonly JournalLine[];
  /** `null` while the run is unfinished. */
  readonly outcome: Outcome | null;
}

export interface RunJournal {
  readonly run: string;
  append(line: JournalLine): Promise<void>;
  /** Writes the outcome by atomic rename, which ends the run. */
  close(outcome: Outcome): Promise<void>;
}
