import type { MovableKind } from '../../kinds/holder.ts';
import type { RunState } from '../../kinds/iis/binding.ts';
import type { RawValue } from '../../kinds/tls/certificate-binding.ts';
import type { UnknownPart } from '../../kinds/unknown-parts.ts';
import type { Management } from '../../kinds/wmsvc/wmsvc.ts';
import type { ArmedFault } from './faults.ts';
import type { Switches } from './switches.ts';

/**
 * Everything a lab server is, as plain JSON. Private keys are not in it: the host keeps them as files by thumbprint, and
 * the kernel only knows whether a key is there. Thumbprints are upper case.
 */
export interface LabState {
  readonly schema: 'certrebind/lab-state/1';
  readonly id: string;
  readonly name: string;
  /** `major.minor`, for example `8.5` or `10.0`; empty when IIS is not installed. */
  readonly iis: string;
  readonly osBuild: number;
  readonly switches: Switches;
  readonly faults: readonly ArmedFault[];
  /** The text of `applicationHost.config`: sites, bindings and FTPS settings are read from it and nowhere else. */
  readonly applicationHost: string;
  /** Names of sites that are stopped; every other one is started. */
  readonly stoppedSites: readonly string[];
  readonly webService: 'started' | 'stopped';
  readonly httpSys: HttpSysTables;
  readonly certificates: readonly LabCertificate[];
  /** DER (base64) of those in the stores CA and Root; a new lab has a root and two intermediates. */
  readonly authorities: readonly string[];
  /** Thumbprints of those that the store Root has; and of one that is missing in the stores by a switch. */
  readonly roots: readonly string[];
  readonly withheld: string | null;
  /** DER (base64), a list an issuer, as the store CA has them. */
  readonly revocationLists: readonly string[];
  readonly centralStore: CentralStore;
  readonly wire: Wire;
  /** Copies of a thumbprint outside IIS and HTTP.SYS (SSTP, RD Gateway …). */
  readonly others: readonly LabService[];
  readonly notLookedAt: readonly UnknownPart[];
  readonly tasks: readonly LabTask[];
  /** When the server was started, and the time up to which time triggers were checked. */
  readonly bootedAt: string;
  readonly tickedAt: string;
  readonly lifecycle: LifecycleChannel;
  readonly applicationLog: ApplicationLog;
  /** Keys below HKEY_LOCAL_MACHINE that programs wrote and that nothing else simulates; absent in older labs. */
  readonly registry?: Readonly<Record<string, Readonly<Record<string, string | number>>>>;
  /** Accounts that got the right to read a private key, or lost it, as SIDs; by thumbprint. */
  readonly keyAccess?: Readonly<Record<string, Readonly<Record<string, boolean>>>>;
  /** What Windows roles store that is only reported; absent in labs without any. */
  readonly roles?: LabRoles;
  readonly counters: Counters;
}

/** A service beside IIS that names a certificate. */
export interface LabService {
  /** May be empty. */
  readonly thumbprint: string;
  readonly consumer: { readonly kind: MovableKind; readonly detail: string };
  readonly listener?: {
    readonly port: number;
    readonly state: RunState;
    readonly chosenBy: 'person' | 'policy' | 'unknown';
  };
  readonly remoting?: { readonly port: number; readonly hostname: string | null; readonly state: RunState };
  readonly management?: Management;
}

/**
 * The three tables below `HTTP\Parameters`, as in the registry (fidelity: http-sys-tables); `null` for a table that
 * never had an entry, because Windows creates the key with the first one.
 */
export interface HttpSysTables {
  readonly SslBindingInfo: readonly RegistryEntry[] | null;
  readonly SslSniBindingInfo: readonly RegistryEntry[] | null;
  readonly SslCcsBindingInfo: readonly RegistryEntry[] | null;
}

/** One sub-key with its values. */
export interface RegistryEntry {
  readonly subKey: string;
  readonly values: Readonly<Record<string, RawValue>>;
}

/** A certificate in one LocalMachine store; the same certificate in two stores is two entries. */
export interface LabCertificate {
  readonly thumbprint: string;
  /** `My`, `WebHosting` or another store. */
  readonly store: string;
  /** DER, base64. */
  readonly der: string;
  readonly key: LabKey;
  readonly archived: boolean;
  /** Renewal property: thumbprint of the successor. */
  readonly renewedTo: string | null;
  readonly friendlyName: string | null;
}

/** `readyAt`: there is a key, and it can be opened from that moment on (fidelity: late-keys). */
export type LabKey = 'usable' | 'missing' | 'unusable' | { readonly readyAt: string };

/** The central certificate store: files by host name, and never a thumbprint in HTTP.SYS. */
export interface CentralStore {
  readonly enabled: boolean;
  /** `host` as the file is named, for example `shop.example.com` or `_.example.com`; `der` base64. */
  readonly files: readonly { readonly host: string; readonly der: string }[];
}

/** What HTTP.SYS remembers besides what is stored; lost at a restart. */
export interface Wire {
  /** Thumbprint a record held before its last change, by record key. */
  readonly previous: Readonly<Record<string, string | null>>;
  /** Certificates that HTTP.SYS had loaded when they were deleted from every store; `der` base64. */
  readonly loaded: readonly { readonly thumbprint: string; readonly der: string }[];
  /** Thumbprint that a service has read when it started, by its name; absent where its setting was not changed since. */
  readonly services?: Readonly<Record<string, string>>;
}

export interface LabTask {
  /** With leading and trailing backslash. */
  readonly path: string;
  readonly name: string;
  readonly xml: string;
  readonly enabled: boolean;
  readonly lastRunAt: string | null;
  readonly lastResult: number | null;
  /** Number of the next instance. */
  readonly nextInstance: number;
  readonly running: readonly TaskInstance[];
  readonly queued: readonly TaskInstance[];
}

export interface TaskInstance {
  readonly instance: number;
  readonly since: string;
  /** Values of the trigger's queries by name; `null` if a query found nothing. Empty for other starts. */
  readonly values: Readonly<Record<string, string | null>>;
  /** Names of all value queries of the trigger, so that a start without them can be told apart. */
  readonly cause: 'event' | 'boot' | 'time' | 'demand';
}

/**
 * A process to start. The kernel counts it as running from now on; the process that starts it reports its end with
 * `task-finished`, also if it could not be started or reached `timeLimitMs`.
 */
export interface TaskStart {
  readonly path: string;
  readonly name: string;
  readonly instance: number;
  /** Environment variables written as `%name%` are not expanded. */
  readonly command: string;
  /** One raw command line, as Task Scheduler hands it over: `$(name)` pasted without any quoting. */
  readonly arguments: string;
  readonly workingDirectory: string | null;
  /** SID or account of the principal. */
  readonly user: string | null;
  /** `null` for no limit. */
  readonly timeLimitMs: number | null;
  /** Wait this long first (trigger delay, restart interval). */
  readonly delayMs: number;
}

export interface LifecycleChannel {
  readonly enabled: boolean;
  readonly nextRecordId: number;
  /** The log is circular: beyond this many entries the oldest go. */
  readonly limit: number;
  /** Oldest first; `xml` is the whole event. */
  readonly events: readonly { readonly recordId: number; readonly xml: string }[];
}

export interface ApplicationLog {
  readonly nextRecordId: number;
  readonly limit: number;
  readonly entries: readonly ApplicationEntry[];
  /** Registered ones; absent in labs made earlier, where each that wrote an entry is one. */
  readonly sources?: readonly string[];
}

export interface ApplicationEntry {
  readonly recordId: number;
  readonly source: string;
  readonly eventId: number;
  readonly level: 'information' | 'warning' | 'error';
  readonly timeCreated: string;
  readonly text: string;
  readonly data: Readonly<Record<string, string>>;
}

/** Requests that read, and requests that can write, so that a test can prove "no write". */
export interface Counters {
  readonly reads: number;
  readonly writes: number;
}

/** What Windows roles store, in the raw form of Windows. */
export interface LabRoles {
  /** Keys below HKEY_LOCAL_MACHINE with their values. */
  readonly registry: Readonly<Record<string, RegistryValues>>;
  /** Objects of WMI by `<namespace>:<class>`; bytes as hexadecimal digits behind `0x`. */
  readonly classes: Readonly<Record<string, readonly Readonly<Record<string, string>>[]>>;
  /** Settings of EAP in the policies of Network Policy Server, as hexadecimal digits. */
  readonly policies?: readonly { readonly name: string; readonly eap: string }[];
  /** Names of services that do not run; all others in `registry` do. */
  readonly stopped?: readonly string[];
  /** How often each service was started. */
  readonly starts?: Readonly<Record<string, number>>;
}

export type RegistryValues = Readonly<Record<string, string | number | RawValue>>;
