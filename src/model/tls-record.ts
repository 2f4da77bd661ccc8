import type { KeyText } from './record-key.ts';
import type { Thumbprint } from './thumbprint.ts';

/**
 * One HTTP.SYS entry. Many IIS bindings can stand on one record; the record is what a swap changes.
 * Source of the field names: the registry tables below `HTTP\Parameters` (docs/fidelity.md, http-sys-tables).
 */
export interface TlsRecord {
  readonly key: KeyText;
  /** `null` for a central-store record, which names no certificate. */
  readonly thumbprint: Thumbprint | null;
  /** `My`, `WebHosting` or any other LocalMachine store; an absent store name reads as `My`. */
  readonly store: string;
  /** `{xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}`, lower case. */
  readonly appId: string;
  readonly options: TlsOptions;
  /** Every value as read, known or not, so that nothing is ever dropped. */
  readonly raw: Readonly<Record<string, RawValue>>;
}

export interface RawValue {
  /** `REG_BINARY`, `REG_DWORD`, `REG_SZ` … as in the registry. */
  readonly type: string;
  readonly base64: string;
}

/** The decoded options; a bit or value without a name here is still in `raw` and takes part in every comparison. */
export interface TlsOptions {
  /** `DefaultFlags`, bit by bit as HTTP_SERVICE_CONFIG_SSL_FLAG. */
  readonly flags: number;
  /** Names of the known bits of `flags`, in bit order, for people. */
  readonly flagNames: readonly string[];
  /** Bits of `flags` that this program knows no name for. */
  readonly unknownFlags: number;
  /** `DefaultSslCertCheckMode`. */
  readonly certCheckMode: number;
  /** `DefaultSslRevocationFreshnessTime`, seconds. */
  readonly revocationFreshnessSeconds: number;
  /** `DefaultSslRevocationUrlRetrievalTimeout`, milliseconds. */
  readonly urlRetrievalTimeoutMs: number;
  readonly ctlIdentifier: string | null;
  readonly ctlStoreName: string | null;
  /** Names of values in `raw` that this program does not know. */
  readonly unknownValues: readonly string[];
}

/** What is known of a record at one moment. */
export type RecordNow =
  | { readonly state: 'holds'; readonly record: TlsRecord }
  | { readonly state: 'absent' }
  | { readonly state: 'unknown'; readonly why: string };
