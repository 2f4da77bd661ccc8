import type { KeyText } from './record-key.ts';

export type RunState = 'started' | 'stopped' | 'unknown';

export interface Site {
  readonly name: string;
  readonly id: number | null;
  readonly state: RunState;
  readonly bindings: readonly Binding[];
}

/** One IIS site binding, as written in the configuration. */
export interface Binding {
  readonly protocol: string;
  /** `ip:port:host` exactly as written. */
  readonly information: string;
  /** The bit mask as written; bits this program knows no name for are kept. */
  readonly sslFlags: number;
  /** `null` when `information` cannot be read; such bindings are reported, never guessed at. */
  readonly parts: BindingParts | null;
  /** The TLS record this binding stands on; `null` for protocols without TLS and for unreadable bindings. */
  readonly recordKey: KeyText | null;
}

export interface BindingParts {
  /** `*` as in IIS, or a canonical address. */
  readonly address: string;
  readonly port: number;
  /** Lower case, A-labels; empty for none. */
  readonly host: string;
}

/** An FTP site's certificate, or the defaults' (`site: null`). */
export interface FtpsSetting {
  readonly site: string | null;
  readonly thumbprint: string;
  readonly store: string;
}
