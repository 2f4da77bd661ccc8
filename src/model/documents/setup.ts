import type { ValidateFunction } from 'ajv';
import { validateSetup } from '../generated/validators.js';
import { checkDocument, type DocumentKind, parseJson } from '../text/document.ts';
import type { ProofAnswer } from './proof.ts';

/** How far `enable` and `install` have come on a server, kept in its state folder. */
export interface Setup {
  readonly schema: 'certrebind/setup/1';
  /** Set from before its first change until after its last one; the next `enable`, `install` or `uninstall` finishes it. */
  readonly unfinished: UnfinishedSetup | null;
  /** The last proof that succeeded. Whether it still counts is for `isProven` to say. */
  readonly proven: Proof | null;
  /** The last proof, when it failed. */
  readonly failed: FailedProof | null;
}

export interface UnfinishedSetup {
  /** `enable`, `install`. */
  readonly command: string;
  readonly at: string;
  /** IIS Manager's own task was to be disabled. */
  readonly replaceNative: boolean;
}

/** A task as the real ones are was started by Task Scheduler and answered. */
export interface Proof extends ProvenProgram, Pick<ProofAnswer, 'at' | 'version' | 'account' | 'engine' | 'read'> {}

/** What a proof is about: it expires when any of these is another one. */
export interface ProvenProgram {
  /** The command of the task. */
  readonly program: string;
  /** Account and run level of the task. */
  readonly principal: string;
  readonly sha256: string;
}

export interface FailedProof {
  readonly at: string;
  readonly version: string;
  readonly why: string;
}

export const nothingSetUp: Setup = { schema: 'certrebind/setup/1', unfinished: null, proven: null, failed: null };

const setupKind: DocumentKind<Setup> = {
  name: 'setup',
  version: 1,
  validate: validateSetup as ValidateFunction<Setup>,
};

/** @throws CertRebindError `bad-document` or `later-schema` */
export function parseSetup(text: string, where: string): Setup {
  return checkDocument(parseJson(text, where), setupKind, where);
}
