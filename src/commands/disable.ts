import { nothingAdopted } from '../model/adoption.ts';
import { isSameTask } from '../model/rebind-tasks.ts';
import { statusText } from '../report/status.ts';
import { type Change, readTasks } from '../server/server.ts';
import { changeTasks } from './shell/change-tasks.ts';
import { defineCommand } from './shell/command.ts';
import { type Session, withServer } from './shell/session.ts';
import { tasksToRegister } from './shell/tasks.ts';
import { readStatus } from './status.ts';

export const disable = defineCommand({
  usage: 'disable',
  summary: 'Stop rebinding: remove exactly what enable registered',
  examples: [
    ['disable', 'Nothing else is touched'],
    ['disable --restore-native', "Enable IIS Manager's own task again, if enable disabled it"],
  ],
  build: (yargs) =>
    yargs.option('restore-native', { type: 'boolean', default: false, describe: "Enable IIS Manager's own task" }),
  run: (args, invocation) =>
    withServer(args, invocation, async (session) => {
      const { nothingToRestore } = await unregister(session, args);
      if (nothingToRestore)
        invocation.shell.say('certrebind enable --replace-native disabled no task, so there is none to enable again.');
      const document = await readStatus(session);
      invocation.shell.result(document, (look) => statusText(document, look));
      return 0;
    }),
});

/**
 * Removes the tasks that `register` registered from a server, and nothing else; gives IIS Manager its own back if asked.
 * @throws CertRebindError `task-refused`, `read-only-server`
 */
export async function unregister(
  { server, executable, standing }: Session,
  { restoreNative }: { readonly restoreNative: boolean },
): Promise<{ readonly nothingToRestore: boolean }> {
  const expected = tasksToRegister(executable);
  const tasks = await readTasks(server);
  const registered = tasks.filter((task) =>
    expected.some(({ path, name }) => path === task.path && name === task.name),
  );
  const { disabled } = await standing.readAdoption();
  // What somebody else disabled is not ours to enable.
  const native = restoreNative
    ? tasks.filter((task) => disabled.some((known) => isSameTask(known, task)) && !task.enabled)
    : [];
  await changeTasks(server, [
    ...registered.map(({ path, name }): Change => ({ do: 'unregister-task', path, name })),
    ...native.map(({ path, name }): Change => ({ do: 'set-task-enabled', path, name, enabled: true })),
  ]);
  if (restoreNative && disabled.length > 0) await standing.writeAdoption(nothingAdopted);
  return { nothingToRestore: restoreNative && disabled.length === 0 };
}
