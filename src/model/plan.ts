import type { BlockCode, NoteCode, SkipCode } from './codes.ts';
import type { Consumer } from './consumer.ts';
import type { Endpoint } from './handshake.ts';
import type { KeyText } from './record-key.ts';
import type { Renewal } from './renewal.ts';
import type { ServerIdentity } from './snapshot.ts';
import type { Thumbprint } from './thumbprint.ts';
import type { TlsRecord } from './tls-record.ts';

export type GuardSetting = 'block' | 'warn' | 'off';

export interface Note {
  readonly code: NoteCode;
  readonly text: string;
}

/** What would be done and why, what would not and why. Same snapshot, renewals and policy: same bytes. */
export interface Plan {
  readonly schema: 'certrebind/plan/1';
  /** sha256 (lower-case hex) of the canonical document without this field. */
  readonly digest: string;
  readonly server: ServerIdentity;
  /** `snapshot.takenAt`: the only time a guard looks at. */
  readonly asOf: string;
  /** The guards whose setting differs from the default. */
  readonly policy: readonly { readonly guard: BlockCode; readonly setting: GuardSetting }[];
  readonly renewals: readonly Renewal[];
  readonly steps: readonly Step[];
  readonly blocked: readonly BlockedEntry[];
  readonly skipped: readonly SkippedEntry[];
  readonly notes: readonly Note[];
}

export type Step = SwapStep | RestoreStep | RemoveStep;

interface StepBase {
  /** 1, 2, 3 … in the order of execution. */
  readonly id: number;
  readonly consumers: readonly Consumer[];
  readonly verify: readonly Endpoint[];
  readonly notes: readonly Note[];
}

/** Change the hash (and the store) of one record, nothing else. */
export interface SwapStep extends StepBase {
  readonly action: 'swap';
  readonly before: TlsRecord;
  readonly after: { readonly thumbprint: Thumbprint; readonly store: string };
  readonly renewal: Renewal;
}

/** Make one record exactly this: repairs, recovery and undo where more than the hash differs. */
export interface RestoreStep extends StepBase {
  readonly action: 'restore';
  /** As it is now; `null` when there is none. */
  readonly before: TlsRecord | null;
  readonly record: TlsRecord;
}

/** Take one record away: repairs of orphaned records, and the undo of a restored one. */
export interface RemoveStep extends StepBase {
  readonly action: 'remove';
  readonly before: TlsRecord;
}

export interface BlockedEntry {
  readonly key: KeyText;
  readonly consumers: readonly Consumer[];
  readonly renewal: Renewal;
  readonly reason: BlockCode;
  readonly detail: string;
  /** The hosts concerned, for `names-lost` the lost ones. */
  readonly hosts: readonly string[];
  /** When the certificate on this record ends; `null` when it cannot be read. */
  readonly endsAt: string | null;
}

export interface SkippedEntry {
  readonly key: KeyText;
  readonly consumers: readonly Consumer[];
  readonly reason: SkipCode;
  readonly detail: string;
}
