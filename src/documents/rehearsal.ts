import type { Thumbprint } from '../certificates/thumbprint.ts';
import type { KeyText } from '../holders/record-key.ts';
import type { ServerIdentity } from '../holders/snapshot.ts';

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
  | { readonly act: 'remove-certificate'; readonly thumbprint: Thumbprint; readonly store: string }
  /** A task that is there already, without permission to overwrite it. */
  | { readonly act: 'register-again'; readonly path: string; readonly name: string; readonly xml: string }
  /** Switch-Certificate: the renewal property of the old certificate, and event 1001. */
  | { readonly act: 'announce'; readonly old: Thumbprint; readonly new: Thumbprint }
  /** The method itself, without first checking what the record holds. */
  | {
      readonly act: 'binding-method';
      readonly key: KeyText;
      readonly site: string;
      readonly information: string;
      readonly method: 'AddSslCertificate' | 'RebindSslCertificate' | 'RemoveSslCertificate';
      readonly thumbprint: Thumbprint;
    }
  /** `netsh http update sslcert` that names nothing but hash, store and application id. */
  | {
      readonly act: 'netsh-update';
      readonly key: KeyText;
      readonly thumbprint: Thumbprint;
      readonly appId: string;
    };

/** The record that an act is about; it is read back in the same call. */
export function recordOfAct(act: RehearsalAct): KeyText | null {
  return act.act === 'binding-method' || act.act === 'netsh-update' ? act.key : null;
}

/**
 * What only a rehearsal reads. Each is answered with texts as the server gives them, none if there is no such thing.
 */
export type RehearsalLook =
  /** One event of the lifecycle log as it was written. */
  | { readonly look: 'event-xml'; readonly recordId: number }
  /** `certificateHash` and `certificateStoreName` of a binding object. */
  | { readonly look: 'binding-certificate'; readonly site: string; readonly information: string }
  /** What `netsh http show sslcert` prints for one record. */
  | { readonly look: 'netsh-record'; readonly key: KeyText }
  /** The thumbprints in the store CA, where Windows puts a copy of each self-signed certificate that it makes. */
  | { readonly look: 'intermediates' }
  /** The access descriptor (SDDL) of the lifecycle log. */
  | { readonly look: 'log-access' }
  /**
   * A line of so many characters on the standard input of this server's PowerShell, or JSON of so many written and read
   * there. Answered with its version when all came whole; otherwise an error says what became of it.
   */
  | { readonly look: 'engine-line' | 'engine-json'; readonly characters: number };

/** Marks on everything that a rehearsal makes, so that it can be found again, even after a kill. */
export const rehearsalMark = 'CertRebind-Rehearsal';
export const rehearsalTaskPrefix = `${rehearsalMark}-`;
export const rehearsalHost = 'rehearsal.certrebind.invalid';
export const rehearsalAppId = '{5f1d3b7e-6c0a-4d52-9e0b-7a3c2e91d846}';

/**
 * The facts about Windows that a rehearsal reports on, by their names in docs/evidence/fidelity.md, with the positions that
 * Windows may have; none if the answer is no choice between positions.
 */
export const openFacts = [
  { name: 'rebind-options', positions: ['kept', 'flags-lost', 'all-lost'] },
  { name: 'rebind-absent-record', positions: ['fails', 'creates'] },
  { name: 'add-on-existing', positions: ['replaces', 'refuses'] },
  { name: 'remove-absent-record', positions: ['succeeds', 'fails'] },
  { name: 'netsh-options', positions: [] },
  { name: 'netsh-update-presence', positions: ['absent', 'present'] },
  { name: 'netsh-update-options', positions: ['kept', 'lost'] },
  { name: 'archived-bindable', positions: ['can-be-bound', 'cannot-be-bound'] },
  { name: 'sni-table-layout', positions: ['guid', 'name'] },
  { name: 'late-keys', positions: ['at-once', 'late'] },
  { name: 'wildcard-records', positions: ['match', 'literal'] },
  {
    name: 'endpoint-precedence',
    positions: ['address-name-central-any', 'name-address-central-any', 'address-any-name-central'],
  },
  { name: 'wire-follows-renewal', positions: ['never', 'at-once', 'address-records'] },
  { name: 'removed-certificate', positions: ['still-served', 'refused'] },
  { name: 'event-order', positions: [] },
  { name: 'event-1001-shape', positions: ['plain', 'own-namespace', 'reordered'] },
  { name: 'missing-value', positions: ['literal', 'empty'] },
  { name: 'task-queue', positions: ['keeps-all', 'keeps-one'] },
  { name: 'queued-values', positions: ['own', 'latest'] },
  { name: 'restart-on-failure', positions: ['no', 'yes'] },
  { name: 'certificate-hash-case', positions: ['lower', 'upper'] },
  { name: 'store-name-case', positions: ['as-written', 'upper'] },
  { name: 'central-store-record', positions: ['own-label', 'hostname-star'] },
  { name: 'netsh-localised', positions: ['english', 'german', 'other'] },
  { name: 'event-writers', positions: ['allowed', 'denied'] },
  { name: 'existing-task-text', positions: ['sentence', 'code-only'] },
  { name: 'adapter-on-stdin', positions: ['file', 'text'] },
] as const satisfies readonly { readonly name: string; readonly positions: readonly string[] }[];

export type OpenFact = (typeof openFacts)[number]['name'];

export interface MeasuredFact {
  readonly name: OpenFact;
  /** `null`: not measured, and `how` says why. Never guessed. */
  readonly measured: string | null;
  readonly positions: readonly string[];
  /** What was done and seen. */
  readonly how: string;
}

/** How much of something this server carries in one piece; a measurement, no choice between positions. */
export interface MeasuredLimit {
  readonly name: 'stdin-line' | 'json';
  /** The most characters that came whole; `null`: not measured, or not even the fewest did. */
  readonly carried: number | null;
  /** The fewest that did not; `null`: all that were tried did. */
  readonly refused: number | null;
  readonly how: string;
}

/** One part of the story from the event to the undo. */
export interface RehearsedStage {
  readonly stage: 'set-up' | 'event' | 'task' | 'replace' | 'verify' | 'undo' | 'clean-up';
  readonly result: 'done' | 'failed' | 'not-done';
  readonly detail: string;
}

export interface Rehearsal {
  readonly schema: 'certrebind/rehearsal/1';
  readonly rehearsal: string;
  readonly server: ServerIdentity;
  readonly at: string;
  readonly durationMs: number;
  readonly exitCode: number;
  readonly stages: readonly RehearsedStage[];
  /** Tasks of this server that the event started as well. */
  readonly alsoStarted: readonly string[];
  readonly facts: readonly MeasuredFact[];
  readonly limits: readonly MeasuredLimit[];
  /** Verified by a snapshot before and one after. */
  readonly clean: boolean;
  /** What of the rehearsal is still there. */
  readonly leftovers: readonly string[];
  /** What else differs between the two snapshots; others may have been at work. */
  readonly differences: readonly string[];
}

/** One start of the rehearsal's task, as its program noted it. */
export interface RehearsalStart {
  readonly at: string;
  /** The arguments after `rehearse-start <id>`, as they arrived. */
  readonly words: readonly string[];
}

/** The change that removes one leftover of a rehearsal. */
export type Removal =
  | RehearsalAct
  | { readonly act: 'remove-record'; readonly key: KeyText }
  | { readonly act: 'unregister-task'; readonly path: string; readonly name: string };

export interface Leftover {
  readonly what: string;
  readonly removal: Removal;
}

/** A rehearsal's name, from which files and tasks are named. */
export function isRehearsalId(text: string): boolean {
  return /^[0-9a-z-]{1,64}$/.test(text);
}
