import type { State, StoredRun } from '../../src/state/state.ts';

/** Every run of the history with all that is remembered of it, oldest first. */
export async function storedRuns(state: State): Promise<readonly StoredRun[]> {
  const runs: StoredRun[] = [];
  for (const { run } of await state.listRuns()) runs.push(await state.readRun(run));
  return runs;
}
