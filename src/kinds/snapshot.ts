import type { Integer } from '../base/document.ts';
import type { Certificate } from '../model/certificates/certificate.ts';
import type { Trust } from '../model/certificates/trust.ts';
import type { LifecycleEvent } from '../model/windows/lifecycle-event.ts';
import type { TaskEntry } from '../model/windows/task.ts';
import type { SnapshotHolder } from './holder.ts';
import type { RunState, Site } from './iis/binding.ts';
import type { RoleSeen } from './reported/reported.ts';
import type { UnknownPart, UnreadableEntry } from './unknown-parts.ts';

export interface ServerIdentity {
  /** Stable for a server's life (the machine GUID; the lab's id), so that a plan cannot run on another one. */
  readonly id: string;
  readonly name: string;
  readonly kind: 'windows' | 'lab' | 'replay';
  /** `major.minor`, for example `8.5`, `10.0`; empty when IIS is not installed. */
  readonly iis: string;
  readonly osBuild: Integer;
}

export type Account = 'system' | 'administrator' | 'other' | 'unknown';

/** All facts about a server at one moment: plain JSON, readable anywhere. */
export interface Snapshot {
  readonly schema: 'certrebind/snapshot/1';
  readonly takenAt: string;
  readonly server: ServerIdentity;
  /** Of the server's wall clock, an IANA name; absent in captures made earlier, which are taken for UTC. */
  readonly timeZone?: string;
  /** The account that read this; only SYSTEM can tell whether SYSTEM can open a key. */
  readonly account: Account;
  /** Which source answered for each part, for example `sites` from `applicationHost.config`. */
  readonly sources: readonly { readonly part: string; readonly from: string }[];
  readonly webService: RunState;
  /** The service of Task Scheduler. */
  readonly scheduleService: RunState;
  /** The module through which IIS changes the record under a binding; IIS without its scripting tools has none. */
  readonly webAdministration: 'present' | 'missing' | 'unknown';
  /** The only addresses that HTTP.SYS listens on; empty for all (fidelity: listen-list). */
  readonly listenOnly: readonly string[];
  /** Whether HTTP.SYS answers HTTP/3 too (fidelity: http3-listener); absent for no. */
  readonly http3?: true;
  readonly sites: readonly Site[];
  /** Every place that names a certificate, those of a kind together. */
  readonly holders: readonly SnapshotHolder[];
  /** What could not be decoded, shown and never touched. */
  readonly unreadable: readonly UnreadableEntry[];
  readonly certificates: readonly Certificate[];
  /** Who vouches for them; absent where it was not read. */
  readonly trust?: Trust;
  /** Whether the configuration has property 5506 (fidelity: legacy-5506); `null` when it was not read as a file. */
  readonly legacySslMetadata: boolean | null;
  /** Roles that are installed and whose certificate was not read; absent for none. */
  readonly roles?: readonly RoleSeen[];
  /** Parts of the server that are not known: their lists above are empty and mean nothing (`isKnown`). */
  readonly notLookedAt: readonly UnknownPart[];
  readonly tasks: readonly TaskEntry[];
  readonly lifecycle: LifecycleLog;
  readonly netsh: NetshAbilities;
}

/** The lifecycle log: its state and its newest entries (at most 1,000), oldest first. */
export interface LifecycleLog {
  readonly enabled: boolean | null;
  readonly oldestRecordId: number | null;
  readonly lastRecordId: number | null;
  readonly events: readonly LifecycleEvent[];
}

/** What this host's `netsh http` can do; decides whether a record could be rolled back with every option. */
export interface NetshAbilities {
  /** Whether `update sslcert` exists (not before Windows 10 1703 / Server 2019). */
  readonly update: boolean | null;
  /** Parameter names that `add sslcert` lists; `null` when not known. */
  readonly options: readonly string[] | null;
}
