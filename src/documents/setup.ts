import type { Sha256, Time } from '../base/document.ts';
import { validateAdoption } from './generated/validate-adoption.js';
import { validateSetup } from './generated/validate-setup.js';
import { parserOf } from './parser-of.ts';
import type { ProofAnswer } from './proof.ts';

/** How far `enable` and `install` have come on a server, kept in its state folder. */
export interface Setup {
  readonly schema: 'certrebind/setup/1';
  /**
   * Set before its first change and cleared after its last; the next `enable`, `install` or `uninstall` finishes it, and
   * `disable` gives an `enable` up.
   */
  readonly unfinished: UnfinishedSetup | null;
  /** The last proof that succeeded. `isVerified` tells whether it still counts. */
  readonly verified: PassedProof | null;
  /** The last proof, when it failed. */
  readonly failed: FailedProof | null;
}

export interface UnfinishedSetup {
  /** `enable`, `install`. */
  readonly command: string;
  readonly at: Time;
  /** IIS Manager's own task was to be disabled. */
  readonly replaceNative: boolean;
}

/** Task Scheduler started a task like the real ones, and the program answered. */
export interface PassedProof
  extends VerifiedProgram,
    Pick<ProofAnswer, 'at' | 'version' | 'account' | 'engine' | 'read'> {}

/** What a proof is about: it expires if any of these changes. */
export interface VerifiedProgram {
  /** The command of the task. */
  readonly program: string;
  /** Account and run level of the task. */
  readonly principal: string;
  readonly sha256: Sha256;
}

export interface FailedProof {
  readonly at: Time;
  readonly version: string;
  readonly why: string;
}

export const nothingSetUp: Setup = { schema: 'certrebind/setup/1', unfinished: null, verified: null, failed: null };

export const parseSetup = parserOf<Setup>('certrebind/setup/1', validateSetup);

/** The tasks of others that `enable --replace-native` disabled: only these does `disable --restore-native` enable. */
export interface Adoption {
  readonly schema: 'certrebind/adoption/1';
  readonly disabled: readonly { readonly path: string; readonly name: string; readonly at: Time }[];
}

export const nothingAdopted: Adoption = { schema: 'certrebind/adoption/1', disabled: [] };

export const parseAdoption = parserOf<Adoption>('certrebind/adoption/1', validateAdoption);
