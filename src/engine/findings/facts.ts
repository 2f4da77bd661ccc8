import type { CertRebindError, ErrorDocument } from '../../base/errors.ts';
import type { Configuration } from '../../documents/configuration.ts';
import type { Message } from '../../documents/notification.ts';
import { type Notified, nothingNotified } from '../../documents/notified.ts';
import { nothingRefused, type Refused } from '../../documents/refused.ts';
import { emptyLedger, type Ledger } from '../../documents/runs/ledger.ts';
import type { Outcome } from '../../documents/runs/outcome.ts';
import type { ExpectedTask } from '../../documents/scheduled-tasks.ts';
import type { Setup } from '../../documents/setup.ts';
import type { Finding } from '../../documents/status.ts';
import type { VerifiedEndpoint } from '../../documents/verify.ts';
import { nothingWatched, type Watched } from '../../documents/watched.ts';
import type { Restart } from '../../kinds/kind-rules.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { CertificateBinding } from '../../kinds/tls/certificate-binding.ts';
import type { Certificate } from '../../model/certificates/certificate.ts';
import type { Renewal } from '../../model/certificates/renewal.ts';
import { nobodyTrusted, type TrustedAccounts } from '../../model/windows/administrators.ts';
import type { EngineStart } from '../../model/windows/engine-start.ts';
import type { Outlooks } from '../look/outlook.ts';
import type { judgeDebts, OwedValue } from '../plan/plan-debts.ts';
import type { RenewalsNow } from '../plan/plan-pending.ts';
import type { Survey } from '../plan/server-survey.ts';
import type { triesOn } from '../plan/try-line.ts';
import type { CandidateIndex } from './candidates.ts';
import type { Endings } from './endings.ts';

/** What CertRebind remembers of a server, besides what is read from it. */
export interface RememberedFacts {
  readonly ledger: Ledger;
  /** What runs had to put back and could not, with its values. */
  readonly owed: readonly OwedValue[];
  /** The last closed run. */
  readonly lastOutcome: Pick<Outcome, 'run' | 'result' | 'exitCode' | 'startedAt'> | null;
  readonly openRuns: readonly OpenRun[];
  readonly lastError: ErrorDocument | null;
  readonly told: Notified;
  readonly watched: Watched;
  readonly refused: Refused;
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
  told: nothingNotified,
  watched: nothingWatched,
  refused: nothingRefused,
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
  /** What the endpoints served, now or when they were last dialled (`at`); empty when none was. */
  readonly wire: readonly VerifiedEndpoint[];
  /** Records as runs of this program last left them (`noteRun`). */
  readonly lastKnown: ReadonlyMap<KeyText, CertificateBinding>;
  /** A certificate that ends within this many days ends soon; `null`: by its lifetime, and the deadline of the policy. */
  readonly endsWithinDays: number | null;
  readonly installation: InstallationFacts;
  /** Private keys of replaced certificates that are gone, whose files are still there. */
  readonly keysLeft: readonly KeyFile[];
}

/** What a judge looks at: the facts, and what follows from them, derived once for a look. */
export interface Evidence extends DoctorFacts {
  readonly renewals: RenewalsNow;
  readonly succession: RenewalsNow['succession'];
  readonly survey: Survey;
  /** What becomes of each place; it is made before anything is judged. */
  readonly outlookAt: Outlooks;
  /** What a line that is offered does at a place; each is tried once a look. */
  readonly trial: ReturnType<typeof triesOn>;
  readonly endings: Endings;
  readonly candidates: CandidateIndex;
  readonly debts: ReturnType<typeof judgeDebts>;
  /** The endpoints that serve what the certificate that is set for them replaces, or what was rolled back there. */
  readonly behind: ReadonlyMap<VerifiedEndpoint, 'still-old' | 'still-served'>;
  /** The certificates on which IIS bindings stand. */
  readonly inUse: readonly Certificate[];
  /** What is said of renewals, which says also until when the old certificate lasts. */
  readonly ofRenewals: readonly Finding[];
  /** What names alone suggest, with the command that takes it. */
  readonly unrecorded: readonly Finding[];
}

/** A file in the state folder that cannot be read as what it is: which, what is wrong with it, and what can be done. */
export interface DamagedFile extends Pick<Finding, 'message' | 'hint' | 'commands'> {
  /** `error` when absent. */
  readonly severity?: 'warning';
  /** No run starts until it can be read. */
  readonly stopsRuns?: true;
  /** It is about mail, tasks or triggers, and tells nothing of renewals. */
  readonly isOfProgram?: true;
}

/** A run that no outcome closes. */
export interface OpenRun {
  readonly run: string;
  /**
   * The process that holds the lock, and so carries the run out or recovers it; `null`: none does, and the run was
   * interrupted.
   */
  readonly by: { readonly pid: number; readonly since: string } | null;
  /** The places whose restart it had begun, each with its services in the order in which they stop; absent for none. */
  readonly restarting?: readonly { readonly key: KeyText; readonly services: Restart; readonly at: string }[];
}

/** The private key of a certificate that a run replaced. */
export interface KeyFile {
  readonly path: string;
  readonly of: Renewal;
}

/** How the program itself lies on the server. */
export interface InstallationFacts {
  /** Files and folders that run or steer code as SYSTEM and that others can change. */
  readonly unsafe: readonly UnsafePath[];
  /** Accounts that administrators trust besides those of every Windows. */
  readonly trusted: TrustedAccounts;
  /** Versions of the program that was started and of the installed one, whose path is `file`; `null` if none is installed. */
  readonly programs: { readonly started: string; readonly installed: string; readonly file: string } | null;
  /** How PowerShell was started with its adapter script; `null` if none was. */
  readonly engine: EngineStart | null;
  /** `null` if nothing is remembered, as with a capture. */
  readonly setup: SetupFacts | null;
}

/** How far `enable` and `install` have come: without a proof that has expired, and what a process is working on. */
export type SetupFacts = Omit<Setup, 'schema'>;

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
  programs: null,
  engine: null,
  setup: null,
};
