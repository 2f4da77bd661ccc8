import type { ProofAnswer } from '../../documents/proof.ts';
import type { ExpectedTask } from '../../documents/scheduled-tasks.ts';
import type { PassedProof, VerifiedProgram } from '../../documents/setup.ts';
import { parseTask } from '../../model/windows/task.ts';

/** What has to be verified of a task: its command and principal; the hash is that of the program file. */
export function verifiedProgram({ xml }: Pick<ExpectedTask, 'xml'>, sha256: string): VerifiedProgram {
  const { user, runLevel, actions } = parseTask(xml);
  return { program: actions[0]?.command ?? '', principal: `${user} ${runLevel}`, sha256 };
}

/** Whether an earlier proof still counts: it does not if command, principal or hash have changed. */
export function isVerified(proof: PassedProof | null, wanted: VerifiedProgram): boolean {
  return (
    proof !== null &&
    proof.program.toLowerCase() === wanted.program.toLowerCase() &&
    proof.principal === wanted.principal &&
    proof.sha256 === wanted.sha256
  );
}

/** Why an answer proves nothing, as a sentence; `null` when it proves what was asked. */
export function whyNotVerified(
  answer: ProofAnswer,
  asked: { readonly nonce: string; readonly version: string; readonly sha256: string },
): string | null {
  const { nonce, version, sha256, account, error } = answer;
  if (nonce !== asked.nonce) return 'The answer belongs to another test.';
  if (error !== null) return `Task Scheduler started CertRebind, but it cannot work here: ${error.message}`;
  if (sha256 !== asked.sha256) return `Another program answered: version ${version} with hash ${sha256}.`;
  if (version !== asked.version) return `Version ${version} answered instead of ${asked.version}.`;
  if (account !== 'system') return `The task does not run as SYSTEM. Its account is ${accountTexts[account]}.`;
  return null;
}

const accountTexts: Readonly<Record<Exclude<ProofAnswer['account'], 'system'>, string>> = {
  administrator: 'an administrator',
  other: 'neither SYSTEM nor an administrator',
  unknown: 'not known',
};
