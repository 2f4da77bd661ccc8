import { lstat, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from '../../base/file-error.ts';
import { isNonce, type ProofAnswer, parseProofAnswer } from '../../documents/proof.ts';
import { writeFileAtomically } from './atomic-file.ts';
import { ensureFolder } from './folder.ts';
import { readIfThere } from './reading.ts';
import { writing } from './writing.ts';

/** The question and answer of a proof, below the state folder: a folder for each proof under way. */
export interface ProofFiles {
  ask(nonce: string): Promise<void>;
  /** Whether a process waits for this answer. */
  isAsked(nonce: string): Promise<boolean>;
  answer(answer: ProofAnswer): Promise<void>;
  /** `null` while there is none. */
  readAnswer(nonce: string): Promise<ProofAnswer | null>;
  /** Removes every proof, including those of killed processes. */
  clear(): Promise<void>;
}

export function proofFiles(home: string): ProofFiles {
  const folder = join(home, 'proofs');
  const folderOf = (nonce: string) => join(folder, checked(nonce));
  const answerFile = (nonce: string) => join(folderOf(nonce), 'answer.json');
  return {
    async ask(nonce) {
      for (const each of [home, folder, folderOf(nonce)]) await ensureFolder(each);
    },
    async isAsked(nonce) {
      const found = await Promise.all([home, folder, folderOf(nonce)].map(isRealFolder));
      return found.every(Boolean);
    },
    answer: (answer) => writeFileAtomically(answerFile(answer.nonce), `${JSON.stringify(answer, null, 1)}\n`),
    async readAnswer(nonce) {
      const file = answerFile(nonce);
      const text = await readIfThere(file);
      return text === null ? null : parseProofAnswer(text, file);
    },
    clear: () => writing(folder, () => rm(folder, { recursive: true, force: true })),
  };
}

/** Nothing is read or written through a link. */
async function isRealFolder(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** A nonce is part of a path. */
function checked(nonce: string): string {
  if (isNonce(nonce)) return nonce;
  throw new TypeError(`${JSON.stringify(nonce)} names no proof`);
}
