import type { MovableKind } from '../../kinds/holder.ts';

/** Kinds of requests at which faults can be armed, beside those that one kind of holder knows. */
export const faultPoints = [
  'read',
  'read-records',
  'binding-method',
  'set-role-value',
  'control-service',
  'netsh',
  'register-task',
  'unregister-task',
  'set-task-enabled',
  'write-event',
  'enable-log',
  'application-log',
  'add-certificate',
  'connect',
] as const;

/** Where a fault strikes: a kind of request, narrowed by what it concerns. Absent fields match everything. */
export interface FaultPoint {
  readonly kind:
    | (typeof faultPoints)[number]
    | `set-${MovableKind}`
    | 'set-key-access'
    | 'read-holder'
    | 'set-configuration';
  /** Of `binding-method`. */
  readonly method?: 'AddSslCertificate' | 'RebindSslCertificate' | 'RemoveSslCertificate';
  /** Of `netsh`. */
  readonly verb?: 'show' | 'add' | 'update' | 'delete';
  /** The holder concerned, as key text. */
  readonly key?: string;
}

export interface Fault {
  readonly on: FaultPoint;
  /** The first matching request it strikes, from 1. */
  readonly nth: number;
  /** How many matching requests in a row it strikes; `null` for all that follow. */
  readonly times: number | null;
  readonly effect: FaultEffect;
}

/** A fault in a lab, with the number of matching requests so far. */
export interface ArmedFault extends Fault {
  readonly seen: number;
}

export type FaultEffect =
  /** The server's own error; nothing changes. */
  | { readonly do: 'fail'; readonly hresult: number; readonly message: string }
  /** Success is reported and nothing changes. */
  | { readonly do: 'no-effect' }
  /** The change is made, and every option except hash, store and application id returns to its default. */
  | { readonly do: 'lose-options' }
  /** The record is deleted and not made again; an error is reported. */
  | { readonly do: 'delete-without-add' }
  /** No answer ever comes; `after` says whether the request was carried out first. */
  | { readonly do: 'hang'; readonly after: boolean }
  /** The executing process ends at once, without an answer; the rest of a batch is not done. */
  | { readonly do: 'die'; readonly after: boolean }
  | { readonly do: 'delay'; readonly ms: number }
  /** Just before the request somebody else sets the record to this certificate. */
  | { readonly do: 'changed-by-others'; readonly thumbprint: string }
  /** Just before the request somebody else writes this configuration. */
  | { readonly do: 'configuration-changes'; readonly applicationHost: string }
  /** Just before the request the lifecycle log is cleared. */
  | { readonly do: 'log-cleared' }
  /** Of `add-certificate`: the key can be opened only after this time. */
  | { readonly do: 'key-late'; readonly ms: number }
  /** Of `connect`: the handshake is refused. */
  | { readonly do: 'refuse' }
  /** Of `connect`: another certificate is served (a stale cache, TLS inspection in between). */
  | { readonly do: 'serve'; readonly thumbprint: string }
  /** Of `connect`: the certificate from before the record's last change is still served. */
  | { readonly do: 'serve-previous' };
