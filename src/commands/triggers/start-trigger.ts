import { outcomeValues } from '../../findings/match-trigger.ts';
import type { Message } from '../../model/documents/news.ts';
import { isTriggerId, type TriggerRun } from '../../model/documents/trigger.ts';
import { errorDocument } from '../../model/text/errors.ts';
import { startProgram } from '../../server/windows/start-program.ts';
import { demandSafeCommand } from '../session/safe-paths.ts';
import { clock, type Session } from '../session/session.ts';

/**
 * Starts the program of a trigger for the result of a run. How it ended is stored with the trigger; the message is done
 * then, because a program that failed once is not started again and again.
 */
export async function startTrigger(
  { standing, server }: Pick<Session, 'standing' | 'server'>,
  message: Message,
): Promise<void> {
  const id = message.channel.slice('trigger:'.length);
  const trigger = isTriggerId(id) ? await standing.readTrigger(id) : null;
  if (trigger === null || trigger.on !== message.news.kind || trigger.action.kind !== 'program') return;
  const { program, args, timeLimitSeconds } = trigger.action;
  const started = clock.now();
  const remember = (how: Pick<TriggerRun, 'result' | 'exitCode' | 'why'>) =>
    standing.addTriggerRun(id, {
      at: started.toISOString(),
      eventId: message.news.eventId,
      recordId: null,
      ...how,
      durationMs: clock.now().getTime() - started.getTime(),
    });
  const temporary = await standing.temporaryFolder();
  try {
    await demandSafeCommand(server, { program, args }, [standing.triggerFile(id), temporary]);
  } catch (error) {
    return remember({ result: 'refused', exitCode: null, why: errorDocument(error).error.message });
  }
  const values = outcomeValues(id, message);
  const end = await startProgram({ program, args, values, temporary, timeLimitMs: timeLimitSeconds * 1000 });
  await remember({
    result: end.how,
    exitCode: end.how === 'ended' ? end.exitCode : null,
    why: end.how === 'not-started' ? end.why : null,
  });
}
