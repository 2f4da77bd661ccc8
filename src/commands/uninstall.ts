import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Uninstallation } from '../model/installation.ts';
import { isSameTask } from '../model/rebind-tasks.ts';
import { uninstallationText } from '../report/installation.ts';
import { readTasks } from '../server/server.ts';
import { programFiles } from '../state/program-files.ts';
import { changeTasks } from './session/change-tasks.ts';
import { demandPlace } from './session/place-program.ts';
import { withServer } from './session/session.ts';
import { tasksToRegister, triggerTasks } from './session/tasks.ts';
import { defineCommand } from './shell/command.ts';

export const uninstall = defineCommand({
  examples: [
    ['uninstall', 'History, ledger and configuration stay'],
    ['uninstall --purge', 'Remove them too'],
  ],
  build: (yargs) =>
    yargs.option('purge', { type: 'boolean', default: false, describe: 'Remove history, ledger and configuration' }),
  run: (args, invocation) =>
    withServer(args, invocation, async (session) => {
      const { server, home } = session;
      const { folder } = demandPlace(session);
      if (args.purge && !(await invocation.shell.confirm('Remove history, ledger and configuration too?'))) {
        invocation.shell.say('Nothing was removed.');
        return 0;
      }
      // Tasks first: none may be left that starts what is gone.
      const own = [...tasksToRegister(session.executable), ...(await triggerTasks(session))];
      const registered = (await readTasks(server)).filter((task) => own.some((expected) => isSameTask(expected, task)));
      await changeTasks(
        server,
        registered.map(({ path, name }) => ({ do: 'unregister-task', path, name })),
      );
      const files = programFiles(folder);
      const installed = await files.readInstalled();
      const { removed, left } = installed === null ? { removed: [], left: [] } : await files.remove(installed);
      if (args.purge && home !== null) await rm(home, { recursive: true, force: true });
      const document: Uninstallation = {
        schema: 'certrebind/uninstall/1',
        folder,
        removed,
        left,
        state: home !== null && existsSync(home) ? home : null,
      };
      invocation.shell.result(document, (look) => uninstallationText(document, look));
      return 0;
    }),
});
