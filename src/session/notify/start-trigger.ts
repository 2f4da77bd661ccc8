import { errorDocument } from '../../base/errors.ts';
import { isPlainName } from '../../base/safe-text.ts';
import type { Message } from '../../documents/notification.ts';
import type { TriggerAction, TriggerRun } from '../../documents/trigger.ts';
import { startProgram } from '../../server/windows/start-program.ts';
import { assertSafeCommand } from '../safe-paths.ts';
import { clock, type Session } from '../session.ts';
import { outcomeValues } from './match-trigger.ts';

type Started = Pick<Session, 'files' | 'server'>;

/**
 * Starts the program of a trigger for the result of a run. How it ended is stored with the trigger; the message is done
 * then, because a program that failed once is not started again and again.
 */
export async function startTrigger(session: Started, message: Message): Promise<void> {
  const { files } = session;
  const id = message.channel.slice('trigger:'.length);
  const trigger = isPlainName(id) ? await files.readTrigger(id) : null;
  if (trigger === null || trigger.on !== message.news.kind) return;
  const remember = beginRun(files, id, { eventId: message.news.eventId, recordId: null });
  await runProgram(session, id, trigger.action, outcomeValues(id, message), remember);
}

type Remember = (how: Pick<TriggerRun, 'result' | 'exitCode' | 'why'>) => Promise<TriggerRun>;

/** A run of a trigger begins now; how it ends is stored with the trigger. */
export function beginRun(
  files: Session['files'],
  id: string,
  event: Pick<TriggerRun, 'eventId' | 'recordId'>,
): Remember {
  const started = clock.now();
  return async (how) => {
    const durationMs = clock.now().getTime() - started.getTime();
    const run: TriggerRun = { at: started.toISOString(), ...event, ...how, durationMs };
    await files.addTriggerRun(id, run);
    return run;
  };
}

/** @returns the run, and why the program was refused where others could have changed it or what decides what it does */
export async function runProgram(
  { files, server }: Started,
  id: string,
  { program, args, timeLimitSeconds }: TriggerAction,
  values: Readonly<Record<string, string>>,
  remember: Remember,
): Promise<{ readonly run: TriggerRun; readonly refusal: unknown }> {
  const temporary = await files.temporaryFolder();
  try {
    // Rights may have changed since the trigger was added; the definition decides what runs as much as the program.
    await assertSafeCommand(server, { program, args }, [files.triggerFile(id), temporary]);
  } catch (refusal) {
    const why = errorDocument(refusal).error.message;
    return { run: await remember({ result: 'refused', exitCode: null, why }), refusal };
  }
  const end = await startProgram({ program, args, values, temporary, timeLimitMs: timeLimitSeconds * 1000 });
  const run = await remember({
    result: end.how,
    exitCode: end.how === 'ended' ? end.exitCode : null,
    why: end.how === 'not-started' ? end.why : null,
  });
  return { run, refusal: null };
}
