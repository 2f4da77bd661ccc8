import type { Session } from '../../session/session.ts';
import { lockOwnerOf } from '../../state/lock.ts';
import type { OpenRun } from '../findings/open-runs.ts';

/** The runs without an outcome, oldest first. Only the process that holds the lock can have a run under way. */
export async function openRuns({ state, home }: Pick<Session, 'state' | 'home'>): Promise<readonly OpenRun[]> {
  const runs = await state.unfinishedRuns();
  const owner = runs.length === 0 || home === null ? null : await lockOwnerOf(home);
  const by = owner === null ? null : { pid: owner.pid, since: owner.since };
  return runs.map((run) => ({ run, by }));
}
