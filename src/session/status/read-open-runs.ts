import { orNull } from '../../base/errors.ts';
import { foldJournal, wasRestarting } from '../../documents/runs/step-progress.ts';
import type { OpenRun } from '../../engine/findings/facts.ts';
import { lockOwnerOf } from '../../engine/state/lock.ts';
import type { State } from '../../engine/state/state.ts';
import type { Session } from '../session.ts';

/** The runs without an outcome, oldest first. Only the process that holds the lock can have a run under way. */
export async function openRuns({ state, home }: Pick<Session, 'state' | 'home'>): Promise<readonly OpenRun[]> {
  const runs = await state.unfinishedRuns();
  const owner = runs.length === 0 || home === null ? null : await lockOwnerOf(home);
  const by = owner === null ? null : { pid: owner.pid, since: owner.since };
  return Promise.all(runs.map(async (run) => ({ run, by, restarting: await restartingIn(state, run) })));
}

async function restartingIn(state: State, run: string): Promise<NonNullable<OpenRun['restarting']>> {
  const left = await orNull(() => state.readRun(run));
  if (left === null) return [];
  const at = left.journal.findLast(({ type }) => type === 'restarting')?.at;
  return [...foldJournal(left.journal).values()].flatMap((progress) =>
    at !== undefined && wasRestarting(progress)
      ? [{ key: progress.step.key, services: progress.restarts.at(-1)?.services ?? [], at }]
      : [],
  );
}
