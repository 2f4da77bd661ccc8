import {
  type ExpectedTask,
  isSameTask,
  rebindTaskName,
  taskFolder,
  windowTask,
  windowTaskName,
} from '../documents/rebind-tasks.ts';
import { recogniseTask } from '../documents/recognise-task.ts';
import type { Plan } from '../documents/runs/plan.ts';
import type { Snapshot } from '../holders/snapshot.ts';
import { isKnown } from '../holders/unknown-parts.ts';
import { parseTask, type TaskEntry } from '../windows/task.ts';
import { taskResults } from '../windows/task-results.ts';

type Tasks = Pick<Snapshot, 'tasks' | 'notLookedAt'>;

/** The change to the one-shot task of the window. */
export type WindowTaskChange =
  | ({ readonly do: 'register-task' } & ExpectedTask)
  | ({ readonly do: 'unregister-task' } & Pick<ExpectedTask, 'path' | 'name'>);

/**
 * Registers the one-shot task for what waits, or removes it if nothing does. Only if the program is enabled: otherwise
 * nobody would expect it to start by itself. `null` if nothing has to change.
 * @param expected the tasks of the program as they are registered now
 */
export function windowTaskChange(
  snapshot: Tasks,
  { notBefore }: Pick<Plan, 'notBefore'>,
  expected: readonly ExpectedTask[],
): WindowTaskChange | null {
  if (!isKnown(snapshot, 'tasks')) return null;
  const found = snapshot.tasks.find((task) => isSameTask(task, { path: taskFolder, name: windowTaskName })) ?? null;
  const main = expected.find(({ name }) => name === rebindTaskName);
  const isEnabled = main !== undefined && snapshot.tasks.some((task) => isSameTask(task, main) && task.enabled);
  if (notBefore === undefined || !isEnabled) return found === null || isRunning(found) ? null : removal(found);
  const command = parseTask(main.xml).actions[0]?.command ?? '';
  const wanted = windowTask({ command }, notBefore);
  const stands = found?.enabled === true && recogniseTask(found, [wanted]).kind === 'ours';
  return stands ? null : { do: 'register-task', ...wanted };
}

/** This run may have been started by the task itself: then a later run removes it. */
function isRunning({ lastResult }: TaskEntry): boolean {
  return lastResult === taskResults.running;
}

function removal({ path, name }: TaskEntry): WindowTaskChange {
  return { do: 'unregister-task', path, name };
}
