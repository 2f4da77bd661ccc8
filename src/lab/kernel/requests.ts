import type { HolderNow } from '../../kinds/holder.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { CertificateBinding } from '../../kinds/tls/certificate-binding.ts';
import type { WinrmListener } from '../../kinds/winrm/winrm.ts';
import type { Management } from '../../kinds/wmsvc/wmsvc.ts';
import type { Endpoint } from '../../model/certificates/handshake.ts';
import type { RawValue } from '../../model/windows/raw-value.ts';
import type { Fault } from './faults.ts';
import type {
  ApplicationEntry,
  LabCertificate,
  LabKey,
  LabRoles,
  LabState,
  RegistryEntry,
  TaskStart,
} from './lab-state.ts';
import type { RegistryKeyNow } from './roles.ts';
import type { ServiceNow } from './services.ts';
import type { SwitchName } from './switches.ts';

/** Of `Win32_TSGatewayServerSettings`. */
export type GatewayMethod = 'SetCertificateACL' | 'SetCertificate' | 'Configure' | 'RefreshCertContext';

/** The requests to a lab server, at the level of Windows' own primitives, so that clients stay small. */
export type LabRequest =
  /** The whole state in one reply, or some parts of it. */
  | { readonly kind: 'read'; readonly only?: readonly (keyof LabState)[] }
  /** Only the named records, as they are in the registry; keys as key text. */
  | { readonly kind: 'read-records'; readonly keys: readonly string[] }
  /** A holder that is no certificate binding. */
  | { readonly kind: 'read-holder'; readonly key: KeyText }
  /** Writes both attributes in one commit; without a store only the hash. */
  | { readonly kind: 'set-ftp'; readonly site: string | null; readonly hash: string; readonly store?: string }
  /** The certificate of a Remote Desktop listener. */
  | { readonly kind: 'read-rdp'; readonly listener: string }
  | { readonly kind: 'set-rdp'; readonly listener: string; readonly hash: string }
  /** The certificate of a WinRM listener, such as `*+HTTPS`; without a host name the one that it has stays. */
  | { readonly kind: 'read-winrm'; readonly listener: string }
  | { readonly kind: 'set-winrm'; readonly listener: string; readonly hash: string; readonly hostname?: string }
  /** The registry value of the Web Management Service; its certificate binding is written by `netsh`. */
  | { readonly kind: 'read-wmsvc' }
  | { readonly kind: 'set-wmsvc'; readonly hash: string }
  /** The hash that SSTP stores, of this certificate of My. */
  | { readonly kind: 'set-sstp'; readonly hash: string }
  /** A method of the object of Remote Desktop Gateway in WMI. */
  | { readonly kind: 'set-rd-gateway'; readonly method: GatewayMethod; readonly hash: string }
  /** A certificate into the store of a domain controller or out of it, or the word to look at it. */
  | { readonly kind: 'set-ldaps'; readonly what: 'add' | 'remove'; readonly hash: string }
  | { readonly kind: 'set-ldaps'; readonly what: 'renew' }
  /** A value of the registry of a role, below HKEY_LOCAL_MACHINE. */
  | { readonly kind: 'set-role-value'; readonly key: string; readonly name: string; readonly value: string | RawValue }
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
  | {
      readonly kind: 'register-task';
      readonly path: string;
      readonly name: string;
      readonly xml: string;
      readonly force: boolean;
    }
  | { readonly kind: 'unregister-task'; readonly path: string; readonly name: string }
  | { readonly kind: 'set-task-enabled'; readonly path: string; readonly name: string; readonly enabled: boolean }
  | { readonly kind: 'run-task'; readonly path: string; readonly name: string }
  /** Ends every instance of a task, and forgets its queue. Never part of a batch: the host ends the processes too. */
  | { readonly kind: 'stop-task'; readonly path: string; readonly name: string }
  /** Reports the end of a `TaskStart`. `exitCode` as Windows shows it (unsigned). */
  | {
      readonly kind: 'task-finished';
      readonly path: string;
      readonly name: string;
      readonly instance: number;
      readonly exitCode: number;
    }
  /** The server restarts: HTTP.SYS forgets what it had loaded, boot triggers fire, running instances are lost. */
  | {
      readonly kind: 'boot';
      /** As if this much time had passed since then: shorter delays of boot triggers are over. */
      readonly passedMs?: number;
    }
  /** Time has passed: time triggers that are due fire. */
  | {
      readonly kind: 'tick';
      /** As if the last check was at least this long ago. */
      readonly passedMs?: number;
    }
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
  /** A client opens a TLS connection; the answer is what is served. An FTP client names its server by HOST. */
  | {
      readonly kind: 'connect';
      readonly address: string;
      readonly port: number;
      readonly serverName: string | null;
      /** What the client speaks; absent for any that is met over TCP. */
      readonly service?: Endpoint['startTls'];
    }
  /** The requests in order without anything in between. One that fails does not stop the others. */
  | { readonly kind: 'batch'; readonly requests: readonly LabRequest[] }
  /** The security descriptor of a private key. */
  | { readonly kind: 'read-key-access'; readonly thumbprint: string }
  /** The program `icacls`, at the file of a key: gives an account the right to read, or takes every right that it was given. */
  | {
      readonly kind: 'set-key-access';
      readonly thumbprint: string;
      readonly sid: string;
      readonly access: 'read' | 'none';
    }
  /** One after the other until one fails; then `back`, where another had succeeded before. */
  | { readonly kind: 'in-turn'; readonly requests: readonly LabRequest[]; readonly back: readonly LabRequest[] }
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

/** What a primitive did: the state after it, its result, `done` if absent, and the processes to start, if there are any. */
export interface Outcome {
  readonly state: LabState;
  readonly result?: LabResult;
  readonly started?: readonly TaskStart[];
}

/** The result of a request: the new state of the lab, the answer, and the processes to start. */
export interface Applied {
  readonly state: LabState;
  readonly reply: LabReply;
  readonly started: readonly TaskStart[];
}

export interface LabReply {
  readonly result: LabResult;
  /** How the request is answered: after a delay, or not at all. */
  readonly carry: Carry | null;
}

export type LabResult =
  | { readonly kind: 'state'; readonly state: LabState }
  | { readonly kind: 'parts'; readonly parts: Partial<LabState> }
  /** In the order of the keys asked for; `null` for a record that does not exist. */
  | {
      readonly kind: 'records';
      readonly records: readonly { readonly key: string; readonly entry: RegistryEntry | null }[];
    }
  | { readonly kind: 'rdp'; readonly hash: string | null }
  | { readonly kind: 'winrm'; readonly listener: WinrmListener | null }
  /** `null` if the key has none that is known. */
  | { readonly kind: 'key-access'; readonly sddl: string | null }
  | { readonly kind: 'wmsvc'; readonly now: WmsvcNow | null }
  | { readonly kind: 'service'; readonly service: ServiceNow | null }
  | { readonly kind: 'registry'; readonly key: RegistryKeyNow | null }
  | { readonly kind: 'class'; readonly objects: readonly Readonly<Record<string, string>>[] | null }
  | { readonly kind: 'holder'; readonly now: HolderNow }
  | { readonly kind: 'done' }
  /** Of `write-event`; `null` when the log is disabled. */
  | { readonly kind: 'event'; readonly recordId: number | null }
  | { readonly kind: 'netsh'; readonly exitCode: number; readonly output: string }
  | { readonly kind: 'text'; readonly text: string }
  /** Windows' own error: an HRESULT as unsigned number and the text of the exception. */
  | { readonly kind: 'failed'; readonly hresult: number; readonly message: string }
  | { readonly kind: 'connection'; readonly connection: Connection }
  /** Shorter than the requests when one of them hung or died. */
  | { readonly kind: 'batch'; readonly results: readonly LabResult[] }
  /** Of `if-holder`: the condition was false, and there was no `otherwise`. */
  | { readonly kind: 'unmet' };

/** What the registry has of the Web Management Service, with the certificate bindings that may be its own. */
export interface WmsvcNow {
  readonly management: Management;
  /** Empty for none. */
  readonly listed: string;
  readonly records: readonly CertificateBinding[];
}

export type Connection =
  /** `record`: the key of the holder whose certificate it is. */
  | { readonly outcome: 'served'; readonly thumbprint: string; readonly record: string }
  /** Something listens, and the handshake fails; or is answered with this status of HTTP. */
  | { readonly outcome: 'refused'; readonly why: string; readonly status?: number }
  | { readonly outcome: 'not-listening' };

export type Carry = { readonly do: 'hang' } | { readonly do: 'die' } | { readonly do: 'delay'; readonly ms: number };
