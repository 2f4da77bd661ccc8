import type { Integer, Sha256, Time } from '../base/document.ts';
import type { Account } from '../kinds/snapshot.ts';
import type { EngineStart } from '../model/windows/engine-start.ts';
import { validateProofAnswer } from './generated/validate-proof-answer.js';
import { parserOf } from './parser-of.ts';

/**
 * What `prove` writes down when a task of Task Scheduler has started it: as whom it runs, which program it is, and what
 * it could read of the server. It changes nothing.
 */
export interface ProofAnswer {
  readonly schema: 'certrebind/proof-answer/1';
  /**
   * Of the proof that asked.
   * @pattern ^[0-9a-f]{16}$
   */
  readonly nonce: string;
  readonly at: Time;
  readonly version: string;
  /** Of the program file that ran. */
  readonly sha256: Sha256;
  readonly account: Account;
  /** How PowerShell was started; `null` if none was asked. */
  readonly engine: EngineStart | null;
  /** `null` when the server could not be read, and `error` says why. */
  readonly read: WhatWasRead | null;
  readonly error: { readonly code: string; readonly message: string; readonly hint: string | null } | null;
}

export interface WhatWasRead {
  readonly sites: Integer;
  readonly records: Integer;
  readonly certificates: Integer;
  readonly tasks: Integer;
}

export const parseProofAnswer = parserOf<ProofAnswer>('certrebind/proof-answer/1', validateProofAnswer);

/** The name of one proof: part of a path, of a task's name and of a command line. */
export function isNonce(text: string): boolean {
  return /^[0-9a-f]{16}$/.test(text);
}

export const proofTaskPrefix = 'CertRebind-Proof-';
