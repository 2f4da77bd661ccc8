import type { JournalLine } from './journal.ts';

/** What is left of a run that was killed. */
export interface KilledRun {
  /** Its whole lines that can be read; a torn last line is left out. */
  readonly journal: readonly JournalLine[];
  /** Numbers, from 1, of whole lines that cannot be read, and might have named any record. */
  readonly damagedLines: readonly number[];
}

/**
 * What brings one step of an unfinished run to its end. `none`: it stands as before the run, or the run had not come to it. `prove`: it is new and
 * whole, and the wire has to confirm it. `repair`: options are missing. `put-back`: it has to become as before again.
 * `leave`: somebody else's work, or not to be read; a person has to look.
 */
export interface RecoveryStep {
  readonly step: number;
  readonly action: 'none' | 'prove' | 'repair' | 'put-back' | 'leave';
}
