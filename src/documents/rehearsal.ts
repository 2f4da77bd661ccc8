import type { ServerIdentity } from '../kinds/snapshot.ts';
import type { Thumbprint } from '../model/certificates/thumbprint.ts';

/** What only a rehearsal does to a server, and only to things that it made itself. */
export type RehearsalAct =
  | {
      readonly act: 'add-site';
      readonly name: string;
      readonly bindings: readonly { readonly information: string; readonly sslFlags: number }[];
    }
  /** Removing what is not there is success; so with certificates. */
  | { readonly act: 'remove-site'; readonly name: string }
  /** A self-signed certificate with its key in the store My. It is found again by its friendly name. */
  | { readonly act: 'add-certificate'; readonly name: string; readonly friendlyName: string }
  /** With its key. */
  | { readonly act: 'remove-certificate'; readonly thumbprint: Thumbprint; readonly store: string };

/** Marks on everything that a rehearsal makes, so that it can be found again, even after a kill. */
export const rehearsalMark = 'CertRebind-Rehearsal';
export const rehearsalTaskPrefix = `${rehearsalMark}-`;
export const rehearsalHost = 'rehearsal.certrebind.invalid';
export const rehearsalAppId = '{5f1d3b7e-6c0a-4d52-9e0b-7a3c2e91d846}';

/** One part of a rehearsal. */
export interface RehearsedStage {
  readonly stage: 'set-up' | 'replace' | 'verify' | 'undo' | 'clean-up';
  readonly result: 'done' | 'failed' | 'not-done';
  readonly detail: string;
}

export interface Rehearsal {
  readonly schema: 'certrebind/rehearsal/1';
  readonly rehearsal: string;
  readonly server: ServerIdentity;
  readonly at: string;
  readonly durationMs: number;
  readonly exitCode: 0 | 4 | 5;
  readonly stages: readonly RehearsedStage[];
  /** Verified by a snapshot before and one after. */
  readonly clean: boolean;
  /** What of the rehearsal is still there. */
  readonly leftovers: readonly string[];
  /** What else differs between the two snapshots; others may have been at work. */
  readonly differences: readonly string[];
}
