import type { KeyText } from '../../kinds/record-key.ts';
import type { Fault } from './faults.ts';
import type { Connecting, InTurn, SetRoleValue } from './holders/kind-in-lab.ts';
import type { RequestOfKind } from './holders/kinds.ts';
import type { ApplicationEntry, LabCertificate, LabKey, LabRoles, LabState } from './lab-state.ts';
import type { SwitchName } from './switches.ts';

interface OfTask<Kind extends string> {
  readonly kind: Kind;
  readonly path: string;
  readonly name: string;
}

/** The requests to a lab server, at the level of Windows' own primitives, so that clients stay small. */
export type LabRequest =
  /** The whole state in one reply, or some parts of it. */
  | { readonly kind: 'read'; readonly only?: readonly (keyof LabState)[] }
  /** Only the named records, as they are in the registry; keys as key text. */
  | { readonly kind: 'read-records'; readonly keys: readonly string[] }
  /** A holder that is no certificate binding. */
  | { readonly kind: 'read-holder'; readonly key: KeyText }
  /** The certificate of a holder, as Windows itself changes it; see the file of its kind. */
  | RequestOfKind
  | SetRoleValue
  /** A service of a role. */
  | { readonly kind: 'read-service'; readonly service: string }
  | { readonly kind: 'control-service'; readonly service: string; readonly order: 'stop' | 'start' }
  /** Registry keys and WMI objects of what roles store; and all of it, to be changed by a person. */
  | { readonly kind: 'read-registry'; readonly key: string }
  | { readonly kind: 'read-class'; readonly namespace: string; readonly className: string }
  | { readonly kind: 'set-roles'; readonly roles: LabRoles }
  /** A native method of a binding object; `information` is `ip:port:host` exactly as written. */
  | {
      readonly kind: 'binding-method';
      readonly site: string;
      readonly information: string;
      readonly method: 'RebindSslCertificate' | 'AddSslCertificate';
      readonly hash: string;
      /** Absent: `MY`. */
      readonly store?: string;
    }
  | {
      readonly kind: 'binding-method';
      readonly site: string;
      readonly information: string;
      readonly method: 'RemoveSslCertificate';
    }
  /** `netsh` with these arguments, for example `['http', 'show', 'sslcert']`. */
  | { readonly kind: 'netsh'; readonly args: readonly string[] }
  /** `force` overwrites. */
  | (OfTask<'register-task'> & { readonly xml: string; readonly force: boolean })
  | OfTask<'unregister-task' | 'run-task'>
  | (OfTask<'set-task-enabled'> & { readonly enabled: boolean })
  /** Ends every instance of a task, and forgets its queue. Never part of a batch: the host ends the processes too. */
  | OfTask<'stop-task'>
  /** Reports the end of a `TaskStart`. `exitCode` as Windows shows it (unsigned). */
  | (OfTask<'task-finished'> & { readonly instance: number; readonly exitCode: number })
  /**
   * The server restarts: HTTP.SYS forgets what it had loaded, boot triggers fire, running instances are lost. With a time as if so
   * much had passed since then: shorter delays of boot triggers are over.
   */
  | { readonly kind: 'boot'; readonly passedMs?: number }
  /** Time has passed, or as if it had: time triggers that are due fire. */
  | { readonly kind: 'tick'; readonly passedMs?: number }
  | WriteEvent
  | { readonly kind: 'clear-log' }
  /** The access descriptor of the lifecycle log. */
  | { readonly kind: 'read-log-access' }
  | { readonly kind: 'enable-log'; readonly enabled: boolean }
  | {
      readonly kind: 'application-log';
      readonly source: string;
      readonly eventId: number;
      readonly level: ApplicationEntry['level'];
      readonly text: string;
      readonly data: Readonly<Record<string, string>>;
    }
  /** Registers a source of the Application log, or removes it; what was written with it stays. */
  | { readonly kind: 'add-log-source' | 'remove-log-source'; readonly source: string }
  /** Values of a key below HKEY_LOCAL_MACHINE that nothing else in a lab simulates: texts, and numbers as DWORD. */
  | {
      readonly kind: 'write-registry';
      readonly key: string;
      readonly values: Readonly<Record<string, string | number>>;
    }
  | { readonly kind: 'remove-registry-key'; readonly key: string }
  /** Replaces the entry of the same thumbprint in the same store. */
  | { readonly kind: 'add-certificate'; readonly certificate: LabCertificate }
  /** `host` as the file is named. */
  | { readonly kind: 'set-central-file'; readonly host: string; readonly der: string }
  | { readonly kind: 'remove-certificate'; readonly thumbprint: string; readonly store: string }
  /** A list of revoked certificates, DER (base64), in place of the one of the same issuer. */
  | { readonly kind: 'set-revocation-list'; readonly der: string }
  /** Sets or clears the renewal property, in every store that has the certificate. */
  | { readonly kind: 'set-renewal'; readonly thumbprint: string; readonly renewedTo: string | null }
  /** Deletes the key that a certificate has, and with it that of all others that have the same; not if it has to be its own. */
  | { readonly kind: 'delete-key'; readonly thumbprint: string; readonly own: boolean }
  | { readonly kind: 'archive-certificate'; readonly thumbprint: string; readonly archived: boolean }
  | { readonly kind: 'set-key'; readonly thumbprint: string; readonly key: LabKey }
  | { readonly kind: 'set-site-state'; readonly site: string; readonly state: 'started' | 'stopped' }
  | { readonly kind: 'set-web-service'; readonly state: 'started' | 'stopped' }
  | { readonly kind: 'set-configuration'; readonly applicationHost: string }
  | {
      readonly kind: 'add-site';
      readonly name: string;
      /** Of https. */
      readonly bindings: readonly { readonly information: string; readonly sslFlags: number }[];
    }
  | { readonly kind: 'add-binding'; readonly site: string; readonly information: string; readonly sslFlags: number }
  | { readonly kind: 'remove-site'; readonly name: string }
  | { readonly kind: 'set-switch'; readonly name: SwitchName; readonly position: string }
  | { readonly kind: 'arm-fault'; readonly fault: Fault }
  | { readonly kind: 'disarm-faults' }
  | Connecting
  /** The requests in order without anything in between. One that fails does not stop the others. */
  | { readonly kind: 'batch'; readonly requests: readonly LabRequest[] }
  | InTurn<LabRequest>
  /**
   * `requests` are carried out if the holder's state is this: absent, present, or holding this thumbprint; otherwise
   * `otherwise`.
   */
  | {
      readonly kind: 'if-holder';
      readonly key: string;
      readonly is: 'absent' | 'present' | { readonly thumbprint: string | null };
      readonly requests: readonly LabRequest[];
      readonly otherwise?: readonly LabRequest[];
    };

/** One that is not made of others. */
export type Single = Exclude<LabRequest, { kind: 'batch' | 'in-turn' | 'if-holder' }>;

/** An event for the lifecycle log. Names, usages and dates of the certificates come from the stores, where known. */
export interface WriteEvent {
  readonly kind: 'write-event';
  /** 1001 to 1010. */
  readonly eventId: number;
  /** SID of the account that writes; Windows sets it, and the writer cannot. */
  readonly writtenBy: string;
  readonly processName: string;
  readonly accountName: string;
  /** `Renew`, `Enroll`, `Replace` …; `null` for events without one. */
  readonly action: string | null;
  /** For 1001. */
  readonly old: string | null;
  readonly new: string | null;
  /** For the events that concern one certificate. */
  readonly certificate: string | null;
  /** Instead of everything above: the writer's own text for `UserData`, unchecked. */
  readonly userData?: string;
}
