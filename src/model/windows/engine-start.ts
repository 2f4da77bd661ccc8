/**
 * How Windows PowerShell was started: with the adapter script as a file, or with its text on standard input if the file
 * was not possible.
 */
export type EngineStart =
  | { readonly way: 'file' }
  | { readonly way: 'text'; readonly because: FileWayFailure | { readonly cause: 'not-installed' } };

/** Why the engine did not run the script of CertRebind as a file. */
export interface FileWayFailure {
  /** `execution-policy`: the policy of this server refuses the file. `no-answer`: it was started and did not work. */
  readonly cause: 'execution-policy' | 'no-answer';
  /** The engine's error, or what was waited for. */
  readonly said: string;
  /** When it was tried, ISO 8601. */
  readonly at: string;
}
