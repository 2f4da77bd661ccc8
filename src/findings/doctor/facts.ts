import type { Configuration } from '../../model/documents/configuration.ts';
import type { Message } from '../../model/documents/news.ts';
import type { FailedProof, Proof, UnfinishedSetup } from '../../model/documents/setup.ts';
import type { Snapshot } from '../../model/documents/snapshot.ts';
import type { VerifiedEndpoint } from '../../model/documents/verify.ts';
import type { KeyText } from '../../model/holders/record-key.ts';
import type { TlsRecord } from '../../model/holders/tls-record.ts';
import type { Ledger } from '../../model/runs/ledger.ts';
import type { Outcome } from '../../model/runs/outcome.ts';
import type { DamagedFile } from '../../model/text/damaged-file.ts';
import type { ErrorDocument } from '../../model/text/errors.ts';
import { nobodyTrusted, type TrustedAccounts } from '../../model/windows/administrators.ts';
import type { EngineStart } from '../../model/windows/engine-start.ts';
import type { ExpectedTask } from '../../model/windows/rebind-tasks.ts';
import type { OpenRun } from '../open-runs.ts';

/** What is remembered of a server, beside what is read from it. */
export interface RememberedFacts {
  readonly ledger: Ledger;
  /** The last closed run. */
  readonly lastOutcome: Pick<Outcome, 'run' | 'result' | 'exitCode' | 'startedAt'> | null;
  readonly openRuns: readonly OpenRun[];
  readonly lastError: ErrorDocument | null;
  /** What is still to be told outside this server. */
  readonly outbox: readonly Message[];
  /** Files of it that cannot be read. */
  readonly damaged: readonly DamagedFile[];
  /** Whether the tasks that are expected include those of every trigger: a capture does not tell which there are. */
  readonly triggersKnown: boolean;
}

/** Everything that doctor compares; it looks at nothing else. */
export interface DoctorFacts extends RememberedFacts {
  readonly snapshot: Snapshot;
  readonly configuration: Configuration;
  /** The tasks as this program would register them now. */
  readonly expected: readonly ExpectedTask[];
  /** What the endpoints served; empty when none was dialled. */
  readonly wire: readonly VerifiedEndpoint[];
  /** Records as runs of this program last left them (`lastKnownRecords`). */
  readonly lastKnown: ReadonlyMap<KeyText, TlsRecord>;
  /** A certificate that ends within so many days ends soon. */
  readonly endsWithinDays: number;
  readonly installation: InstallationFacts;
}

/** How the program itself lies on the server. */
export interface InstallationFacts {
  /** Files and folders that run or steer code as SYSTEM and that others can change. */
  readonly unsafe: readonly UnsafePath[];
  /** Accounts that administrators trust besides those of every Windows. */
  readonly trusted: TrustedAccounts;
  /** Parts that should be of one version, for example the executable, its adapter scripts and the module. */
  readonly versions: readonly { readonly part: string; readonly version: string }[];
  /** How PowerShell was started with its adapter script; `null` where none was. */
  readonly engine: EngineStart | null;
  /** `null` where nothing is remembered, as with a capture. */
  readonly setup: SetupFacts | null;
}

/** How far `enable` and `install` have come. */
export interface SetupFacts {
  /** The proof of what the tasks start now; `null` when there is none, or when it has expired. */
  readonly proven: Proof | null;
  readonly failed: FailedProof | null;
  /** `null` also while a process is at it. */
  readonly unfinished: UnfinishedSetup | null;
}

export interface UnsafePath {
  readonly path: string;
  readonly why: string;
  /** What to type against it; `null` when there is no one line. */
  readonly mend: string | null;
}

/** Where nothing is known of the installation, as for a lab or a capture. */
export const noInstallation: InstallationFacts = {
  unsafe: [],
  trusted: nobodyTrusted,
  versions: [],
  engine: null,
  setup: null,
};
