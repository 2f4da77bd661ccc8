import type { BlockCode } from './codes.ts';
import type { Renewal } from './renewal.ts';

/** What became of each renewal. The event bookmark only says where to read on. */
export interface Ledger {
  readonly schema: 'certrebind/ledger/1';
  readonly entries: readonly LedgerEntry[];
  /** The last listing of the event log, with the moment before it began (same clock as the program's start). */
  readonly listing: {
    readonly listedAt: string;
    readonly lastRecordId: number | null;
    readonly lastTimeCreated: string | null;
  } | null;
}

export interface LedgerEntry {
  readonly renewal: Renewal;
  readonly state: 'settled' | 'blocked' | 'pending' | 'undone' | 'failed';
  readonly reasons: readonly BlockCode[];
  readonly run: string | null;
  readonly at: string;
}
