import type { Invocation } from '../shell/command.ts';
import type { Session } from './session.ts';

/** What a run left half done explains much of what is shown; `status` has it in its document. */
export async function sayUnfinished(
  { state }: Pick<Session, 'state'>,
  { shell }: Pick<Invocation, 'shell'>,
): Promise<void> {
  for (const run of await state.unfinishedRuns())
    shell.say(`\nRun ${run} has not ended. If it is not under way, certrebind reconcile recovers it.`);
}
