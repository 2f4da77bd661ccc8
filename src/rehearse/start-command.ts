import type { Invocation } from '../command-line/command.ts';
import { defaults } from '../command-line/globals.ts';
import { isRehearsalId } from '../documents/rehearsal.ts';
import { demandSafeState } from '../session/safe-state.ts';
import { clock, withServer } from '../session/session.ts';
import { CertRebindError } from '../text/errors.ts';
import { rehearsalFiles } from './files.ts';

/** A rehearsal that was killed never releases its starts. */
const longestWaitMs = 60_000;
const pauseMs = 200;
/** Any exit code but 0; a rehearsal looks whether Task Scheduler starts the program again for it. */
const failedAsWanted = 1;
const longestWord = 200;
const mostWords = 10;

/**
 * What the task of a rehearsal starts: notes the arguments it got, and waits until it may end, so that further starts
 * have to queue. The arguments are noted and never obeyed (fidelity: raw-value-queries).
 */
export async function rehearseStart([id = '', ...words]: readonly string[], invocation: Invocation): Promise<number> {
  return withServer(defaults, invocation, async (session) => {
    const { home } = session;
    if (!isRehearsalId(id) || home === null) throw notUnderWay();
    await demandSafeState(session);
    const files = rehearsalFiles(home);
    if (!(await files.isUnderWay(id))) throw notUnderWay();
    const at = clock.now();
    const noted = words.slice(0, mostWords).map((word) => word.slice(0, longestWord));
    await files.addStart(id, { at: at.toISOString(), words: noted });
    while (!(await files.isReleased(id)) && clock.now().getTime() - at.getTime() < longestWaitMs) {
      await clock.sleep(pauseMs);
    }
    return (await files.isToFail(id)) ? failedAsWanted : 0;
  });
}

function notUnderWay(): CertRebindError {
  return new CertRebindError('usage', {
    message: 'Only the task of a rehearsal uses rehearse-start, and no such rehearsal is active.',
    hint: 'To start a rehearsal: certrebind rehearse',
  });
}
