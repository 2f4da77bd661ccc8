import { statusText } from '../report/status.ts';
import { readStatus } from './session/read-status.ts';
import { withServer } from './session/session.ts';
import { withInstallationLock } from './setup/installation-lock.ts';
import { unregister } from './setup/registration.ts';
import { defineCommand } from './shell/command.ts';

export const disable = defineCommand({
  examples: [
    ['disable', 'Nothing else is touched'],
    ['disable --restore-native', "Enable IIS Manager's own task again, if enable disabled it"],
  ],
  build: (yargs) =>
    yargs.option('restore-native', { type: 'boolean', default: false, describe: "Enable IIS Manager's own task" }),
  run: (args, invocation) =>
    withServer(
      args,
      invocation,
      async (session) => {
        const { nothingToRestore } = await withInstallationLock(session, args, () => unregister(session, args));
        if (nothingToRestore)
          invocation.shell.say(
            'certrebind enable --replace-native disabled no task, so there is none to enable again.',
          );
        const document = await readStatus(session);
        invocation.shell.result(document, (look) => statusText(document, look));
        return 0;
      },
      { configuration: 'if-readable' },
    ),
});
