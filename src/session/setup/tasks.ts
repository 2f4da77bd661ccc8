import { CertRebindError } from '../../base/errors.ts';
import {
  type ExpectedTask,
  rebindTask,
  rebindTaskName,
  reconcileTask,
  reconcileTaskName,
  taskFolder,
  triggerTask,
  triggerTaskName,
} from '../../documents/scheduled-tasks.ts';
import { isOnEvent } from '../../documents/trigger.ts';
import type { Session } from '../session.ts';

/**
 * The tasks that `enable` registers, for this executable.
 * @param minute of the hourly task; any is right for one that is registered already
 */
export function expectedTasks(executable: string | null, minute = 0): readonly ExpectedTask[] {
  if (executable === null) return [];
  const program = { command: executable };
  return [
    { path: taskFolder, name: rebindTaskName, xml: rebindTask(program) },
    { path: taskFolder, name: reconcileTaskName, xml: reconcileTask(program, minute) },
  ];
}

/** @throws CertRebindError `read-only-server` where there can be no task */
export function tasksToRegister(executable: string | null, minute = 0): readonly ExpectedTask[] {
  if (executable !== null) return expectedTasks(executable, minute);
  throw new CertRebindError('read-only-server', { message: 'A captured server has no tasks to register or remove.' });
}

/** The tasks of the triggers, for this executable; none if nothing is remembered. */
export async function triggerTasks({
  files,
  executable,
}: Pick<Session, 'files' | 'executable'>): Promise<readonly ExpectedTask[]> {
  if (executable === null) return [];
  return (await files.listTriggers()).filter(isOnEvent).map((each) => triggerTask({ command: executable }, each));
}

/** What the tasks of the triggers are called, also of those whose definition cannot be read. */
export async function namesOfTriggerTasks(
  session: Pick<Session, 'files' | 'executable'>,
): Promise<readonly Pick<ExpectedTask, 'path' | 'name'>[]> {
  const damaged = (await session.files.findDamage()).flatMap(({ of, id }) =>
    of === 'trigger' && id !== null ? [{ path: taskFolder, name: triggerTaskName(id) }] : [],
  );
  return [...(await triggerTasks(session)), ...damaged];
}
