import { CertRebindError } from '../../base/errors.ts';
import { quoted } from '../../base/safe-text.ts';
import { applyPending, rememberFailure } from '../../session/run/apply-pending.ts';
import { withServer } from '../../session/session.ts';
import type { Invocation } from '../../shell/command.ts';
import { defaults } from '../../shell/globals.ts';
import { recordNumber } from '../../shell/options.ts';

/**
 * What the scheduled task starts. Task Scheduler pastes text of the event into the arguments without quoting it, so
 * they are checked to have exactly the expected form, and they can reach nothing else of this program (fidelity:
 * raw-value-queries).
 */
export async function onEvent(words: readonly string[], invocation: Invocation): Promise<number> {
  const startedAt = new Date(performance.timeOrigin);
  const record = recordNumber(words);
  if (record === 'refused') return refuse(words, invocation);
  return applyPending(defaults, invocation, {
    command: 'on-event',
    dryRun: false,
    ...(record === null ? {} : { event: { record, startedAt } }),
  });
}

async function refuse(words: readonly string[], invocation: Invocation): Promise<never> {
  const error = new CertRebindError('usage', {
    message: `on-event accepts only --record <number>, not ${quoted(words.join(' '), 200)}.`,
    hint: 'Only the scheduled task uses this command. To register the task again:\n  certrebind enable',
  });
  const fail = () => Promise.reject(error);
  // The reason must be shown even if the server cannot be opened to remember it.
  await withServer(defaults, invocation, fail, { failed: rememberFailure }).catch(() => {});
  throw error;
}
