import type { Setup } from '../../documents/setup.ts';
import { nobodyTrusted, type TrustedAccounts } from '../../model/windows/administrators.ts';
import type { EngineStart } from '../../model/windows/engine-start.ts';

/** How the program itself lies on the server. */
export interface InstallationFacts {
  /** Files and folders that run or steer code as SYSTEM and that others can change. */
  readonly unsafe: readonly UnsafePath[];
  /** Accounts that administrators trust besides those of every Windows. */
  readonly trusted: TrustedAccounts;
  /** Parts that should be of one version, for example the executable, its adapter scripts and the module. */
  readonly versions: readonly { readonly part: string; readonly version: string }[];
  /** How PowerShell was started with its adapter script; `null` if none was. */
  readonly engine: EngineStart | null;
  /** `null` if nothing is remembered, as with a capture. */
  readonly setup: SetupFacts | null;
}

/** How far `enable` and `install` have come: without a proof that has expired, and what a process is working on. */
export type SetupFacts = Omit<Setup, 'schema'>;

export interface UnsafePath {
  readonly path: string;
  readonly why: string;
  /** The command that fixes it; `null` if no single command does. */
  readonly mend: string | null;
}

/** For a server of which no installation is known, such as a lab or a capture. */
export const noInstallation: InstallationFacts = {
  unsafe: [],
  trusted: nobodyTrusted,
  versions: [],
  engine: null,
  setup: null,
};
