import type { EngineStart, FileWayFailure } from '../../model/windows/engine-start.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';
import { EngineStartError } from './session-errors.ts';

export interface EngineStartOptions extends SessionOptions {
  readonly now: () => Date;
  /** A refusal of the file that is already known, so that it is not tried again. */
  readonly known: FileWayFailure | null;
}

export interface StartedEngine {
  readonly session: Session;
  readonly start: EngineStart;
}

/**
 * Starts the engine with the adapter as a file. If that does not work, its text goes to standard input instead, which
 * no execution policy checks. Script control and a blocked engine stop both ways, so there is no second attempt.
 * @throws CertRebindError of exit 7
 */
export async function startEngine({ now, known, ...options }: EngineStartOptions): Promise<StartedEngine> {
  const { file, text } = options.script;
  const openAsText = async (because: Extract<EngineStart, { way: 'text' }>['because']): Promise<StartedEngine> => ({
    session: await openSession({ ...options, script: { file: null, text } }),
    start: { way: 'text', because },
  });
  if (file === null) return openAsText({ cause: 'not-installed' });
  if (known !== null) return openAsText(known);
  try {
    return { session: await openSession(options), start: { way: 'file' } };
  } catch (refused) {
    const failure = failureOf(refused, now());
    if (failure === null) throw refused;
    return openAsText(failure).catch((error: unknown) => {
      // Of both the one that names the cause.
      throw isSilence(error) ? refused : error;
    });
  }
}

/** `null` for what the other way cannot fix. */
function failureOf(error: unknown, at: Date): FileWayFailure | null {
  if (!(error instanceof EngineStartError) || !(isSilence(error) || error.code === 'execution-policy')) return null;
  return { cause: isSilence(error) ? 'no-answer' : 'execution-policy', said: error.said, at: at.toISOString() };
}

function isSilence(error: unknown): boolean {
  return error instanceof EngineStartError && error.code === 'powershell-failed';
}
