import type { Configuration } from '../../model/documents/configuration.ts';
import type { Message } from '../../model/documents/news.ts';
import type { FailedProof, Proof, UnfinishedSetup } from '../../model/documents/setup.ts';
import type { Snapshot } from '../../model/documents/snapshot.ts';
import type { VerifiedEndpoint } from '../../model/documents/verify.ts';
import type { KeyText } from '../../model/holders/record-key.ts';
import type { TlsRecord } from '../../model/holders/tls-record.ts';
import { emptyLedger, type Ledger } from '../../model/runs/ledger.ts';
import type { Outcome } from '../../model/runs/outcome.ts';
import type { DamagedFile } from '../../model/text/damaged-file.ts';
import type { CertRebindError, ErrorDocument } from '../../model/text/errors.ts';
import { nobodyTrusted, type TrustedAccounts } from '../../model/windows/administrators.ts';
import type { EngineStart } from '../../model/windows/engine-start.ts';
import type { ExpectedTask } from '../../model/windows/rebind-tasks.ts';
import type { OwedValue } from '../../plan/plan-debts.ts';
import type { OpenRun } from '../open-runs.ts';

/** What CertRebind remembers of a server, besides what is read from it. */
export interface RememberedFacts {
  readonly ledger: Ledger;
  /** What runs had to put back and could not, with its values. */
  readonly owed: readonly OwedValue[];
  /** The last closed run. */
  readonly lastOutcome: Pick<Outcome, 'run' | 'result' | 'exitCode' | 'startedAt'> | null;
  readonly openRuns: readonly OpenRun[];
  readonly lastError: ErrorDocument | null;
  /** Messages that still have to be sent from this server. */
  readonly outbox: readonly Message[];
  /** Files of it that cannot be read. */
  readonly damaged: readonly DamagedFile[];
  /** Why nothing in the state folder is believed; `null` if it is. */
  readonly unsafeState: CertRebindError | null;
}

/** On a server where nothing was done yet. */
export const nothingRemembered: RememberedFacts = {
  ledger: emptyLedger,
  owed: [],
  lastOutcome: null,
  openRuns: [],
  lastError: null,
  outbox: [],
  damaged: [],
  unsafeState: null,
};

/** Everything that doctor compares; it reads nothing else. */
export interface DoctorFacts extends RememberedFacts {
  readonly snapshot: Snapshot;
  readonly configuration: Configuration;
  /** The tasks as this program would register them now. */
  readonly expected: readonly ExpectedTask[];
  /** Whether the expected tasks include those of every trigger: a capture does not list the triggers. */
  readonly triggersKnown: boolean;
  /** What the endpoints served; empty when none was dialled. */
  readonly wire: readonly VerifiedEndpoint[];
  /** Records as runs of this program last left them (`noteRun`). */
  readonly lastKnown: ReadonlyMap<KeyText, TlsRecord>;
  /** A certificate that ends within this many days ends soon. */
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
  /** How PowerShell was started with its adapter script; `null` if none was. */
  readonly engine: EngineStart | null;
  /** `null` if nothing is remembered, as with a capture. */
  readonly setup: SetupFacts | null;
}

/** How far `enable` and `install` have come. */
export interface SetupFacts {
  /** The proof of what the tasks start now; `null` when there is none, or when it has expired. */
  readonly proven: Proof | null;
  readonly failed: FailedProof | null;
  /** `null` also while a process is working on it. */
  readonly unfinished: UnfinishedSetup | null;
}

export interface UnsafePath {
  readonly path: string;
  readonly why: string;
  /** The command that fixes it; `null` if no single command does. */
  readonly mend: string | null;
}

/** For a server of which no installation is known, such as a lab or a capture. */
export const noInstallation: InstallationFacts = {
  unsafe: [],
  trusted: nobodyTrusted,
  versions: [],
  engine: null,
  setup: null,
};
