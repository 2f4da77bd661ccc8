import { statusText } from '../report/status.ts';
import { readStatus } from './session/read-status.ts';
import { withServer } from './session/session.ts';
import { demandSense, plainWish, setUp } from './setup/set-up.ts';
import { defineCommand } from './shell/command.ts';

export const enable = defineCommand({
  examples: [
    ['enable', 'Blocked while the task of IIS Manager is active'],
    ['enable --replace-native', 'Take over from the task of IIS Manager, once a task has proven that ours work'],
    ['enable --no-proof', 'Where nothing starts tasks, as in a container or an image'],
  ],
  build: (yargs) =>
    yargs
      .option('replace-native', { type: 'boolean', default: false, describe: "Disable IIS Manager's own task" })
      .option('alongside', { type: 'boolean', default: false, describe: "Leave IIS Manager's own task active" })
      .option('no-proof', {
        type: 'boolean',
        default: false,
        describe: 'Do not have Task Scheduler show first that it works',
      })
      .option('downgrade', { type: 'boolean', default: false, describe: 'Also in the place of a later version' }),
  async run(args, invocation) {
    const { replaceNative, alongside, noProof, downgrade: force, wait } = args;
    demandSense({ replaceNative, alongside, noProof });
    return withServer(args, invocation, async (session) => {
      const { program, warnings } = await setUp(session, invocation, {
        ...plainWish,
        replaceNative,
        alongside,
        force,
        noProof,
        wait,
      });
      for (const warning of warnings) invocation.shell.say(warning);
      const document = await readStatus({ ...session, executable: program });
      invocation.shell.result(document, (look) => statusText(document, look));
      return 0;
    });
  },
});
