import type { Certificate } from '../certificates/certificate.ts';
import type { LifecycleEvent } from '../windows/lifecycle-event.ts';
import type { ServiceAccount } from '../windows/service-account.ts';
import type { TaskEntry } from '../windows/task.ts';
import type { Consumer } from './consumer.ts';
import type { FtpsSetting, RunState, Site } from './iis/binding.ts';
import type { ReportedKind } from './reported/reported-kinds.ts';
import type { TlsRecord } from './tls/tls-record.ts';
import type { UnknownPart } from './unknown-parts.ts';

export interface ServerIdentity {
  /** Stable for a server's life (the machine GUID; the lab's id), so that a plan cannot run on another one. */
  readonly id: string;
  readonly name: string;
  readonly kind: 'windows' | 'lab' | 'replay';
  /** `major.minor`, for example `8.5`, `10.0`; empty when IIS is not installed. */
  readonly iis: string;
  readonly osBuild: number;
}

/** All facts about a server at one moment: plain JSON, readable anywhere. */
export interface Snapshot {
  readonly schema: 'certrebind/snapshot/1';
  readonly takenAt: string;
  readonly server: ServerIdentity;
  /** Of the server's wall clock, an IANA name; absent in captures made earlier, which are taken for UTC. */
  readonly timeZone?: string;
  /** The account that read this; only SYSTEM can tell whether SYSTEM can open a key. */
  readonly account: 'system' | 'administrator' | 'other' | 'unknown';
  /** Which source answered for each part, for example `sites` from `applicationHost.config`. */
  readonly sources: readonly { readonly part: string; readonly from: string }[];
  readonly webService: RunState;
  /** The service of Task Scheduler. */
  readonly scheduleService: RunState;
  /** The module through which IIS changes the record under a binding; IIS without its scripting tools has none. */
  readonly webAdministration: 'present' | 'missing' | 'unknown';
  /** The only addresses that HTTP.SYS listens on; empty for all (fidelity: listen-list). */
  readonly listenOnly: readonly string[];
  readonly sites: readonly Site[];
  readonly records: readonly TlsRecord[];
  /** What could not be decoded, shown and never touched. */
  readonly unreadable: readonly (Unreadable & { readonly part: UnreadablePart })[];
  readonly certificates: readonly Certificate[];
  readonly ftps: readonly FtpsSetting[];
  /** Whether the configuration has property 5506 (fidelity: legacy-5506); `null` when it was not read as a file. */
  readonly legacySslMetadata: boolean | null;
  /** Consumers outside IIS and HTTP.SYS that keep their own copy of a thumbprint (hash in upper-case hex). */
  readonly others: readonly OtherUse[];
  /** Roles that are installed and whose certificate was not read; absent in captures of earlier versions. */
  readonly roles?: readonly RoleSeen[];
  /** Parts of the server that are not known: their lists above are empty and mean nothing (`isKnown`). */
  readonly notLookedAt: readonly UnknownPart[];
  readonly tasks: readonly TaskEntry[];
  readonly lifecycle: LifecycleLog;
  readonly netsh: NetshAbilities;
}

/** Whether this session came in through a listener of the server. */
export type CarriesRun = 'yes' | 'no' | 'unknown';

export interface OtherUse {
  readonly thumbprint: string;
  readonly consumer: Consumer;
  /**
   * Of a Remote Desktop listener: where clients connect, and who chooses its certificate. Only a person's choice is
   * changed.
   */
  readonly listener?: {
    readonly port: number;
    readonly state: RunState;
    readonly chosenBy: 'person' | 'policy' | 'unknown';
  };
  /** Of a WinRM listener for HTTPS: where clients connect, and whether this session came in through WinRM. */
  readonly remoting?: {
    readonly port: number;
    /** `null` if the listener has none. */
    readonly hostname: string | null;
    /** Of the service. */
    readonly state: RunState;
    readonly carriesRun: CarriesRun;
  };
  /** Of the Web Management Service; its thumbprint may be empty. */
  readonly management?: Management;
  /** For what is only reported: where the hash is stored, and how it is written there. */
  readonly stands?: {
    readonly place: string;
    readonly written: string;
    /** Of Windows, which uses it; empty if none is known. */
    readonly service: string;
    readonly state: RunState;
    /** Only if the service would not start without its key; absent in earlier snapshots. */
    readonly runsAs?: ServiceAccount;
  };
}

/** Where clients connect to the Web Management Service. */
export interface Management {
  readonly port: number;
  /** As written; `*` for any. */
  readonly address: string;
  /** Of the service. */
  readonly state: RunState;
}

/** A role that is installed. */
export interface RoleSeen {
  readonly kind: ReportedKind;
  /** Why its certificate could not be read; `null` if nothing cheap tells it. */
  readonly why: string | null;
}

/** The part of a server, as `sources` names it, in which something could not be read. */
export type UnreadablePart = 'sites' | 'records' | 'certificates';

export interface Unreadable {
  /** The site, the registry key, the store or the file that holds it. */
  readonly where: string;
  /** What stands there, as written; empty when there is nothing to show. */
  readonly text: string;
  readonly why: string;
}

/** What the reader of one part of a server could not read. */
export function unreadableIn(part: UnreadablePart, entries: readonly Unreadable[]): Snapshot['unreadable'] {
  return entries.map((entry) => ({ part, ...entry }));
}

/** The lifecycle log: its state and its newest entries (at most 1,000), oldest first. */
export interface LifecycleLog {
  readonly enabled: boolean | null;
  readonly oldestRecordId: number | null;
  readonly lastRecordId: number | null;
  readonly events: readonly LifecycleEvent[];
}

/** What this host's `netsh http` can do; decides whether a record could be put back with every option. */
export interface NetshAbilities {
  /** Whether `update sslcert` exists (not before Windows 10 1703 / Server 2019). */
  readonly update: boolean | null;
  /** Parameter names that `add sslcert` lists; `null` when not known. */
  readonly options: readonly string[] | null;
}
