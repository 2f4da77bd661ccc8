import { lstat, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { unlessMissing } from '../../base/file-error.ts';
import { isNonce, type ProofAnswer, parseProofAnswer } from '../../documents/proof.ts';
import { ensureFolder, readIfThere, writeFileAtomically, writing } from './files.ts';

export type ProofFiles = ReturnType<typeof proofFiles>;

/** The question and answer of a proof, below the state folder: a folder for each proof under way. */
export function proofFiles(home: string) {
  const folder = join(home, 'proofs');
  const folderOf = (nonce: string) => join(folder, checked(nonce));
  const answerFile = (nonce: string) => join(folderOf(nonce), 'answer.json');
  return {
    async ask(nonce: string): Promise<void> {
      for (const each of [home, folder, folderOf(nonce)]) await ensureFolder(each);
    },
    /** Whether a process waits for this answer. */
    async isAsked(nonce: string): Promise<boolean> {
      // Nothing is read or written through a link.
      const found = await Promise.all([home, folder, folderOf(nonce)].map((each) => lstat(each).catch(unlessMissing)));
      return found.every((each) => each?.isDirectory() === true);
    },
    answer: (answer: ProofAnswer) =>
      writeFileAtomically(answerFile(answer.nonce), `${JSON.stringify(answer, null, 1)}\n`),
    /** `null` while there is none. */
    async readAnswer(nonce: string): Promise<ProofAnswer | null> {
      const file = answerFile(nonce);
      const text = await readIfThere(file);
      return text === null ? null : parseProofAnswer(text, file);
    },
    /** Removes every proof, including those of killed processes. */
    clear: () => writing(folder, () => rm(folder, { recursive: true, force: true })),
  };
}

/** A nonce is part of a path. */
function checked(nonce: string): string {
  if (isNonce(nonce)) return nonce;
  throw new TypeError(`${JSON.stringify(nonce)} names no proof`);
}
