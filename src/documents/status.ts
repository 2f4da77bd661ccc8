import type { NamedCertificate } from '../certificates/named-certificate.ts';
import type { Renewal } from '../certificates/renewal.ts';
import type { Thumbprint } from '../certificates/thumbprint.ts';
import type { KeyText } from '../holders/record-key.ts';
import type { FindingCode } from '../text/codes.ts';
import type { ErrorDocument } from '../text/errors.ts';
import type { EngineStart } from '../windows/engine-start.ts';
import type { Ledger } from './runs/ledger.ts';
import type { RunResult } from './runs/step-states.ts';

/**
 * Something about this server that a person or a later run still has to settle. Every view (status, doctor, verify, mail,
 * metrics, pages, fleet) shows findings that `diagnose` derives from the same facts.
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
  /** The place that it concerns; `null` for several, or for the whole server. */
  readonly key: KeyText | null;
  /** The IIS sites that use that place. */
  readonly site: string | null;
  /** The certificate that it is about. */
  readonly certificate: Thumbprint | null;
  /** When clients will be served an expired certificate because of it. */
  readonly endsAt: string | null;
  readonly renewal: Renewal | null;
  readonly run: string | null;
  readonly message: string;
  readonly hint: string;
  /** Who acts next: a later run by itself, a run at the time in `at`, or a person. */
  readonly next: 'retried' | 'waits' | 'person';
  readonly at: string | null;
  readonly repair: 'plan' | 'command' | null;
  readonly command: string | null;
}

/** Whether certificate rebind is on, what is pending, and how the last run ended. */
export interface Status {
  readonly schema: 'certrebind/status/1';
  readonly server: { readonly name: string };
  readonly inUse: InUse;
  /** What the certificates in use, and those of the renewals below, are called. */
  readonly certificates: readonly NamedCertificate[];
  /** `null`, here and below: the part of the server that tells this was not looked at. */
  readonly enabled: boolean | null;
  readonly tasks: readonly TaskStatus[];
  readonly native: { readonly present: boolean | null; readonly enabled: boolean | null };
  readonly log: { readonly enabled: boolean | null; readonly lastRecordId: number | null };
  readonly pending: readonly Renewal[];
  /** Of what is pending, what waits for the window in which changes are made. */
  readonly waiting: readonly WaitingRenewal[];
  /** Renewals that were put back, so that only a person can apply them again. */
  readonly held: readonly HeldRenewal[];
  readonly ledger: { readonly entries: Ledger['entries']; readonly listing: Ledger['listing'] };
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
  readonly expiring: readonly ExpiringCertificate[];
  readonly findings: readonly Finding[];
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
    readonly hoursLeft: number;
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
}

/** A certificate under an IIS binding, or of a holder that is moved, that ends soon and has no successor on this server. */
export interface ExpiringCertificate {
  readonly thumbprint: Thumbprint;
  readonly subject: string;
  /** `shop.example.com (Issuing CA 2, 2255C145)` */
  readonly words: string;
  readonly notAfter: string;
  readonly daysLeft: number;
  readonly hoursLeft: number;
  readonly records: readonly KeyText[];
}
