import { CertRebindError } from '../../base/errors.ts';
import { isPlainName, quoted } from '../../base/safe-text.ts';
import { type EventTrigger, isOnEvent, type Trigger, type TriggerRun, triggerEvents } from '../../documents/trigger.ts';
import { entryText } from '../../engine/run/log-entry.ts';
import { byThumbprint } from '../../model/certificates/named-certificate.ts';
import type { LifecycleEvent } from '../../model/windows/lifecycle-event.ts';
import { changeOne } from '../../server/server.ts';
import { thumbprintsOf, triggerValues, whyNotFor } from '../../session/notify/match-trigger.ts';
import { beginRun, runProgram } from '../../session/notify/start-trigger.ts';
import { rememberFailure } from '../../session/run/apply-pending.ts';
import { type Session, withServer } from '../../session/session.ts';
import type { Invocation } from '../../shell/command.ts';
import { defaults } from '../../shell/globals.ts';
import { recordNumber } from '../../shell/options.ts';
import { noSuchTrigger } from './command.ts';
import { triggerOutcomeText } from './text.ts';

/**
 * What the task of a trigger starts, and nothing else does: `<id> --record <number>`, checked before any parser is
 * loaded, like the arguments of `on-event` (fidelity: raw-value-queries). What to do is in a file that only
 * administrators can write.
 */
export async function triggerRun(words: readonly string[], invocation: Invocation): Promise<number> {
  const [id = '', ...rest] = words;
  const record = rest.length === 0 ? 'refused' : recordNumber(rest);
  return withServer(
    defaults,
    invocation,
    async (session) => {
      if (!isPlainName(id) || record === 'refused')
        throw new CertRebindError('usage', {
          message: `trigger-run accepts only <id> --record <number>, not ${quoted(words.join(' '), 200)}.`,
          hint: 'Only the task of a trigger uses this command. To add the trigger again:\n  certrebind trigger add',
        });
      const trigger = await session.files.readTrigger(id);
      if (trigger === null || !isOnEvent(trigger)) throw noSuchTrigger(id, await session.files.listTriggers());
      return runFor(session, trigger, record);
    },
    { failed: rememberFailure, configuration: 'if-readable' },
  );
}

async function runFor(session: Session, trigger: EventTrigger, record: number | null): Promise<number> {
  const event = await eventOf(session, trigger, record);
  const certificates = await session.server.certificates(thumbprintsOf(event));
  const stored = byThumbprint(certificates);
  const why = whyNotFor(trigger, event, stored);
  const outcome = { schema: 'certrebind/trigger-run/1', trigger: trigger.id } as const;
  if (why !== null) return session.shell.result({ ...outcome, run: null, why }, triggerOutcomeText);
  const { eventId, recordId } = event;
  const remember = beginRun(session.files, trigger.id, { eventId, recordId });
  const values = triggerValues(trigger, event, stored);
  const { run, refusal } = await runProgram(session, trigger.id, trigger.action, values, remember);
  if (refusal !== null) throw refusal;
  session.shell.result({ ...outcome, run, why: null }, triggerOutcomeText);
  if (run.result === 'ended' && run.exitCode === 0) return 0;
  await warn(session, trigger, run);
  return 5;
}

/** @throws CertRebindError `no-such-event` when the log has no event of this number and kind */
async function eventOf({ server }: Session, { id, on }: EventTrigger, record: number | null): Promise<LifecycleEvent> {
  const { events } = await server.events();
  const eventId = triggerEvents[on];
  const event = events.find(({ recordId }) => recordId === record);
  if (event?.eventId === eventId) return event;
  const what =
    record === null ? 'The task gave no record number' : `Record ${record} of the lifecycle log is not there`;
  throw new CertRebindError('no-such-event', {
    message: `${what}${event === undefined ? '' : `, or no longer an event ${eventId}`}, so the trigger ${id} was not run.`,
    hint: 'The log may have been cleared in the meantime.',
  });
}

/** Nobody sees the exit code of a task, so people who watch the Application log get an entry. */
async function warn({ server }: Session, { id }: Trigger, run: TriggerRun): Promise<void> {
  const how = run.result === 'ended' ? `ended with exit code ${run.exitCode}` : `failed (${run.result})`;
  await changeOne(server, {
    do: 'log',
    eventId: 170,
    level: 'warning',
    text: entryText([`The program of the trigger ${id} ${how}.${run.why === null ? '' : ` ${run.why}`}`]),
    data: { trigger: id, recordId: String(run.recordId) },
  });
}
