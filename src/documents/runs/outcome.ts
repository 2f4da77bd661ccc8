import type { Integer, Time } from '../../base/document.ts';
import type { ErrorDocument } from '../../base/errors.ts';
import type { Restart } from '../../kinds/kind-rules.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Handshake } from '../../model/certificates/handshake.ts';
import type { NamedCertificate } from '../../model/certificates/named-certificate.ts';
import type { Renewal } from '../../model/certificates/renewal.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import type { EngineStart } from '../../model/windows/engine-start.ts';
import type { Note, Plan } from './plan.ts';
import type { CountName, RunResult, State } from './step-states.ts';

/** What went wrong with one step. */
export type StepError = ErrorDocument['error'];

/** The result of a run; the file that closes its folder, and what `--json` prints. */
export interface Outcome {
  readonly schema: 'certrebind/outcome/1';
  readonly run: string;
  /** Whether it is in the history: a run that never began to change anything leaves nothing there. */
  readonly kept: boolean;
  readonly dryRun: boolean;
  /** The run that this one rolled back; absent if it was no undo. */
  readonly undoes?: string;
  /** What started it, for people; absent where nobody can say. */
  readonly command?: string;
  readonly result: RunResult;
  readonly exitCode: Integer;
  readonly startedAt: Time;
  readonly durationMs: number;
  readonly counts: Counts;
  readonly steps: readonly StepOutcome[];
  readonly blocked: Plan['blocked'];
  readonly skipped: Plan['skipped'];
  readonly renewals: readonly Renewal[];
  /** As the plan named them. */
  readonly certificates?: readonly NamedCertificate[];
  readonly notes: readonly Note[];
  readonly cost: Cost;
}

export type Counts = Readonly<Record<CountName, Integer>>;

/** PowerShell sessions and round trips used; in the lab, connections and requests. */
export interface Cost {
  readonly sessions: Integer;
  readonly roundTrips: Integer;
  /** How the last session was started; absent if no PowerShell was. */
  readonly engine?: EngineStart;
}

export interface StepOutcome {
  readonly id: Integer;
  readonly key: KeyText;
  readonly state: State;
  readonly now:
    | { readonly state: 'holds'; readonly thumbprint: Thumbprint | null }
    | { readonly state: 'absent' }
    | { readonly state: 'unknown'; readonly why: string };
  /** Each restart of its services, with the seconds until clients were served again, `null` where a killed run began it; absent for none. */
  readonly restarted?: readonly {
    readonly services: Restart;
    readonly seconds: number | null;
    /** Why clients did not get the certificate that was set; `null` if they did. */
    readonly error: string | null;
    /** Windows did not stop it; absent otherwise. */
    readonly isRefused?: true;
    /** What was stopped for it and does not run again; absent for nothing. */
    readonly unstarted?: readonly string[];
  }[];
  /** Names of the options that a change lost and a repair brought back. */
  readonly repairedOptions: readonly string[];
  readonly before: readonly Handshake[];
  readonly after: readonly Handshake[];
  readonly error: StepError | null;
}
