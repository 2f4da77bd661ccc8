import type { FindingCode, placeStates } from '../base/codes/finding-codes.ts';
import type { BlockCode } from '../base/codes/plan-codes.ts';
import type { ErrorDocument } from '../base/errors.ts';
import type { KeyText } from '../kinds/record-key.ts';
import type { NamedCertificate } from '../model/certificates/named-certificate.ts';
import type { Renewal } from '../model/certificates/renewal.ts';
import type { Thumbprint } from '../model/certificates/thumbprint.ts';
import type { EngineStart } from '../model/windows/engine-start.ts';
import type { Ledger, RollbackCause } from './runs/ledger.ts';
import type { RunResult } from './runs/step-states.ts';

/**
 * Something about this server that a person or a later run still has to settle. Every view (status, doctor, verify, mail,
 * metrics, pages, fleet) shows findings that `lookAt` derives from the same facts.
 */
export interface Finding {
  readonly code: FindingCode;
  /**
   * `error`: clients get nothing, an expired or a wrong certificate, or will before anybody acts. `warning`: will become
   * one. `info`: worth knowing.
   */
  readonly severity: 'error' | 'warning' | 'info';
  /** When it began, as far as a run remembers it. */
  readonly since: string | null;
  /** In a few words, with its place: the subject of a mail and the heading of a page. */
  readonly title: string;
  /** The place that it concerns; `null` for several, or for the whole server. */
  readonly key: KeyText | null;
  /** All of them. */
  readonly keys: readonly KeyText[];
  /** The IIS sites that use that place. */
  readonly site: string | null;
  /** The certificate that it is about. */
  readonly certificate: Thumbprint | null;
  /** When clients will be served an expired certificate because of it. */
  readonly endsAt: string | null;
  readonly renewal: Renewal | null;
  /** The host names that the new certificate lacks. */
  readonly missingNames: readonly string[];
  /** What got worse with the new certificate. */
  readonly cause: string | null;
  readonly run: string | null;
  readonly message: string;
  readonly hint: string;
  /** Who acts next: a later run by itself, a run at the time in `at`, or a person. */
  readonly next: 'retried' | 'waits' | 'person';
  readonly at: string | null;
  readonly repair: 'plan' | 'command' | null;
  /** What to type, in this order; empty where a person has to decide or to act elsewhere. */
  readonly commands: readonly string[];
}

/** Whether certificate rebind is on, what is pending, and how the last run ended. */
export interface Status {
  readonly schema: 'certrebind/status/1';
  readonly at: string;
  readonly server: {
    readonly name: string;
    /** Empty without IIS. */
    readonly iis: string;
    readonly windowsBuild: number;
    /** An IANA name; `null` if it is not known. */
    readonly timeZone: string | null;
  };
  /** For sorting, the worst first: 0 with an error, 1 with a warning, 2 without. */
  readonly rank: 0 | 1 | 2;
  /** What a person has to do, in this order: one for each cause. */
  readonly actions: readonly Action[];
  /** Every place that names a certificate, the worst first. */
  readonly places: readonly PlaceStatus[];
  /** When the endpoints were dialled; `null` if none was. */
  readonly dialledAt: string | null;
  readonly inUse: InUse;
  /** What the certificates in use, and those of the renewals below, are called. */
  readonly certificates: readonly DatedCertificate[];
  /** `null`, here and below: the part of the server that tells this was not looked at. */
  readonly enabled: boolean | null;
  readonly tasks: readonly TaskStatus[];
  readonly native: { readonly present: boolean | null; readonly enabled: boolean | null };
  readonly log: {
    readonly enabled: boolean | null;
    readonly lastRecordId: number | null;
    readonly lastRenewal: RenewalEvent | null;
  };
  /** How people are told: `mail`, `webhook`; empty for not at all. */
  readonly channels: readonly string[];
  readonly pending: readonly Renewal[];
  /** Of what is pending, what waits for the window in which changes are made. */
  readonly waiting: readonly WaitingRenewal[];
  /** Renewals that were rolled back, so that only a person can apply them again. */
  readonly held: readonly HeldRenewal[];
  readonly ledger: { readonly entries: readonly LedgerEntry[]; readonly listing: Ledger['listing'] };
  readonly lastRun: {
    readonly run: string;
    readonly result: RunResult;
    readonly exitCode: number;
    readonly at: string;
  } | null;
  readonly lastError: ErrorDocument | null;
  /** How the PowerShell that answered was started; `null` if none was. */
  readonly engine: EngineStart | null;
  /** The proof of what tasks start here; `null` if there is none that still counts. */
  readonly proof: ProofStatus | null;
  readonly findings: readonly Finding[];
}

/** What became of a renewal: the remembered pair and decisions as one. */
export interface LedgerEntry {
  readonly renewal: Renewal;
  /** As the last run left it. `undone`: the new certificate was rolled back at a place, by a person or a run. */
  readonly state: 'settled' | 'blocked' | 'pending' | 'undone' | 'failed';
  readonly reasons: readonly BlockCode[];
  readonly run: string | null;
  readonly at: string;
  /** Where an endpoint still served another certificate of the pair; absent for none. */
  readonly stillOld?: readonly KeyText[];
  /** Where it was rolled back; absent for none. */
  readonly heldAt?: readonly KeyText[];
  /** Places that answer for any host name, and the names that the new certificate lacks there; absent for none. */
  readonly namesLost?: readonly { readonly key: KeyText; readonly hosts: readonly string[] }[];
  /** Why it was rolled back the last time; absent where it was not. */
  readonly rolledBack?: {
    readonly cause: RollbackCause | { readonly kind: 'person' };
    readonly keys: readonly KeyText[];
    readonly attempts: number;
    readonly facts: string | null;
  };
  /** The file of the old certificate's private key; absent where it was not read. */
  readonly keyFile?: string;
}

/** What IIS serves: sites with an HTTPS binding or a moved FTP certificate, the certificates of records and moved holders, and which of those ends next. */
export interface InUse {
  readonly sites: number;
  readonly certificates: number;
  readonly thumbprints: readonly Thumbprint[];
  readonly nextEnd: {
    readonly thumbprint: Thumbprint;
    readonly notAfter: string;
    /** Negative for one that has ended. */
    readonly daysLeft: number;
  } | null;
}

export interface WaitingRenewal {
  readonly renewal: Renewal;
  readonly notBefore: string;
  /** In words, with its time zone. */
  readonly window: string;
}

export interface HeldRenewal {
  readonly renewal: Renewal;
  /** The records that hold the old certificate. */
  readonly records: readonly KeyText[];
  /** The run that put the new certificate back, and when. */
  readonly run: string | null;
  readonly at: string | null;
}

/** Task Scheduler started a task like the real ones, and the program read this server as SYSTEM. */
export interface ProofStatus {
  readonly at: string;
  readonly version: string;
  /** How PowerShell was started there; `null` if none was. */
  readonly engine: EngineStart | null;
}

/** A task of the folder that has to do with certificate rebind. */
export interface TaskStatus {
  readonly path: string;
  readonly name: string;
  /** `changed`: it has our name and is not as it was registered. `missing`: it should exist and does not. */
  readonly is: 'ours' | 'changed' | 'missing' | 'native' | 'third-party';
  readonly enabled: boolean;
  readonly lastResult: number | null;
  readonly lastRunAt: string | null;
  /** The next hourly start; `null` for one that only an event starts, or that is disabled. */
  readonly nextStartAt: string | null;
}

/** The last event of a renewal. */
export interface RenewalEvent {
  readonly recordId: number;
  readonly at: string;
  readonly old: Thumbprint | null;
  readonly new: Thumbprint | null;
}

export interface DatedCertificate extends NamedCertificate {
  readonly notBefore: string;
}

/** Findings that have one cause, and what ends it. */
export interface Action {
  readonly code: FindingCode;
  readonly severity: 'error' | 'warning';
  readonly title: string;
  /** Clients notice it already. */
  readonly isNow: boolean;
  /** When clients will be served an expired certificate because of it; the first of several. */
  readonly dueAt: string | null;
  readonly hint: string;
  /** What to type, each once; empty where a person has to decide. */
  readonly commands: readonly string[];
  readonly keys: readonly KeyText[];
  /** Which findings of the document these are, from 0. */
  readonly findings: readonly number[];
}

/**
 * `down`: no certificate is usable there. `wrong`: clients are warned, or get another certificate. `verified`: a handshake
 * showed the newest certificate that is known. `left-alone`: an older one, which the configuration excludes, or which
 * only its names tell to be renewed.
 */
export type PlaceState = (typeof placeStates)[number];

/** One place that names a certificate, as people know it, and how it is there. */
export interface PlaceStatus {
  readonly key: KeyText;
  /** The sites, or the service. */
  readonly name: string;
  /** Where clients reach it; empty if that is not known. */
  readonly address: string;
  readonly state: PlaceState;
  /** Of its worst finding; `null` for none. */
  readonly code: FindingCode | null;
  readonly severity: Finding['severity'] | null;
  /** Why it is so; empty for a place that is verified. */
  readonly why: string;
  readonly missingNames: readonly string[];
  /** What clients get; where no handshake showed it, what is set. */
  readonly certificate: Thumbprint | null;
  readonly isServed: boolean;
  /** What replaces it; `null` for nothing that is known. */
  readonly successor: Thumbprint | null;
}
