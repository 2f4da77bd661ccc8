import type { NonTlsKind, Values } from '../../../kinds/holder.ts';
import type { ReadSoFar, Standing } from '../../../kinds/kind-rules.ts';
import type { KeyText } from '../../../kinds/record-key.ts';
import type { Endpoint } from '../../../model/certificates/handshake.ts';
import type { RawValue } from '../../../model/windows/raw-value.ts';
import type { Connection, Outcome } from '../answers.ts';
import type { LabState } from '../lab-state.ts';

/** A value of the registry of a role, below HKEY_LOCAL_MACHINE. */
export interface SetRoleValue {
  readonly kind: 'set-role-value';
  readonly key: string;
  readonly name: string;
  readonly value: string | RawValue;
}

/** One after the other until one fails; then `back`, where another had succeeded before. */
export interface InTurn<Request> {
  readonly kind: 'in-turn';
  readonly requests: readonly Request[];
  readonly back: readonly Request[];
}

/** How Windows itself changes holders of a kind, where that is more than a value of the registry. */
export interface OwnRequest<Request extends { readonly kind: string }> {
  readonly kind: Request['kind'];
  /** The holder that is changed; `null` if there is none. */
  about(state: LabState, request: Request): KeyText | null;
  apply(state: LabState, request: Request): Outcome;
  /** As if somebody else had put this certificate there; absent where the same request with it does that. */
  byOthers?(state: LabState, thumbprint: string): LabState;
}

/** What the services of a kind do when Windows starts them. */
export interface ServicesInLab {
  /** What each of them that runs goes on using, by its name, once what is stored changes. */
  uses?(state: LabState): Readonly<Record<string, string>>;
  /** What the start of a service makes, of this kind or not; `null` if it does not start. */
  started?(state: LabState, service: string): LabState | null;
  /** The same when the server is started. */
  booted?(state: LabState): LabState;
}

/** How a holder of one kind is read and changed in a lab: all that the kernel knows of it. */
export interface KindInLab<K extends NonTlsKind, Own extends { readonly kind: string } = never> {
  /** What a holder holds; `null` where it is not there. */
  value(state: LabState, key: KeyText): Values[K] | null;
  /** Those of a snapshot; absent for what stands with the certificates. */
  standing?(state: LabState, read: ReadSoFar): readonly Standing<K, Values[K]>[];
  /** The requests that change it, beside those for a certificate binding that is a part of it. @param expected the thumbprint that it holds; `null` for any */
  put(wanted: Values[K], expected: string | null): readonly (Own | SetRoleValue | InTurn<Own>)[];
  /** Absent where it is changed by values of the registry. */
  readonly own?: OwnRequest<Own>;
  /** Absent where a new certificate needs no start of a service. */
  readonly services?: ServicesInLab;
  /** What a client of it is answered; `null` where the connection is none to this kind. Absent for what nobody dials. */
  connect?(state: LabState, request: Connecting, now: string): Connection | null;
  /** Where a served lab listens for it, beside the ports of certificate bindings. */
  listens?(state: LabState): readonly ListeningAt[];
}

/** A client opens a TLS connection; the answer is what is served. An FTP client names its server by HOST. */
export interface Connecting {
  readonly kind: 'connect';
  readonly address: string;
  readonly port: number;
  readonly serverName: string | null;
  /** What the client speaks; absent for any that is met over TCP. */
  readonly service?: Endpoint['startTls'];
}

export interface ListeningAt {
  readonly address: string;
  readonly port: number;
  /** What is spoken there before TLS; absent where TLS is first. */
  readonly service?: 'ftp' | 'rdp' | 'tds' | 'ldap' | undefined;
}
