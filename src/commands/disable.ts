import { recogniseTask } from '../model/rebind-tasks.ts';
import { statusText } from '../report/status.ts';
import { type Change, readTasks } from '../server/server.ts';
import { changeTasks } from './shell/change-tasks.ts';
import { defineCommand } from './shell/command.ts';
import { withServer } from './shell/session.ts';
import { tasksToRegister } from './shell/tasks.ts';
import { readStatus } from './status.ts';

export const disable = defineCommand({
  usage: 'disable',
  summary: 'Stop rebinding: remove exactly what enable registered',
  examples: [
    ['disable', 'Nothing else is touched'],
    ['disable --restore-native', "Enable IIS Manager's own task again"],
  ],
  build: (yargs) =>
    yargs.option('restore-native', { type: 'boolean', default: false, describe: "Enable IIS Manager's own task" }),
  run: (args, invocation) =>
    withServer(args, invocation, async (session) => {
      const expected = tasksToRegister(session.executable);
      const tasks = await readTasks(session.server);
      const registered = tasks.filter((task) =>
        expected.some(({ path, name }) => path === task.path && name === task.name),
      );
      const native = tasks.filter((task) => !task.enabled && recogniseTask(task, expected).kind === 'native');
      await changeTasks(session.server, [
        ...registered.map(({ path, name }): Change => ({ do: 'unregister-task', path, name })),
        ...(args.restoreNative
          ? native.map(({ path, name }): Change => ({ do: 'set-task-enabled', path, name, enabled: true }))
          : []),
      ]);
      const document = await readStatus(session);
      invocation.shell.result(document, (look) => statusText(document, look));
      return 0;
    }),
});
