import { CertRebindError } from '../../base/errors.ts';
import type { SetupFacts } from '../../engine/findings/installation-facts.ts';
import { isVerified, verifiedProgram } from '../../engine/findings/proof.ts';
import { lockOwnerOf } from '../../engine/state/lock.ts';
import { hashOfFile } from '../../engine/state/program-files.ts';
import type { Session } from '../session.ts';
import { expectedTasks } from './tasks.ts';

/**
 * How far `enable` and `install` have come on a server, and whether what the tasks start is the program that was verified.
 * @param sha256 of what the tasks start, where it was just looked at; `null`: it is hashed
 */
export async function setupFacts(
  { standing, home, executable }: Pick<Session, 'standing' | 'home' | 'executable'>,
  sha256: string | null,
): Promise<SetupFacts | null> {
  if (home === null || executable === null) return null;
  const setup = await standing.readSetup().catch(whenDamaged);
  if (setup === null) return null;
  const { verified, failed, unfinished } = setup;
  return {
    verified: verified !== null && (await counts(verified, executable, sha256)) ? verified : null,
    failed,
    unfinished: unfinished === null || (await isUnderWay(home)) ? null : unfinished,
  };
}

async function counts(
  verified: NonNullable<SetupFacts['verified']>,
  executable: string,
  sha256: string | null,
): Promise<boolean> {
  const [task] = expectedTasks(executable);
  if (task === undefined) return false;
  try {
    return isVerified(verified, verifiedProgram(task, sha256 ?? (await hashOfFile(executable))));
  } catch (thrown) {
    // A program that is gone no longer counts as verified.
    if (thrown instanceof CertRebindError) return false;
    throw thrown;
  }
}

async function isUnderWay(home: string): Promise<boolean> {
  return (await lockOwnerOf(home, undefined, 'installation.lock')) !== null;
}

/** For a file whose damage is reported elsewhere. */
export function whenDamaged(thrown: unknown): null {
  if (thrown instanceof CertRebindError) return null;
  throw thrown;
}
