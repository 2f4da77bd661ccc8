import { CertRebindError } from '../model/errors.ts';
import { statusText } from '../report/status.ts';
import { readStatus } from './session/read-status.ts';
import { register } from './session/registration.ts';
import { withServer } from './session/session.ts';
import { defineCommand } from './shell/command.ts';

export const enable = defineCommand({
  examples: [
    ['enable', 'Blocked while the task of IIS Manager is active'],
    ['enable --replace-native', 'Disable the task of IIS Manager and take over'],
  ],
  build: (yargs) =>
    yargs
      .option('replace-native', { type: 'boolean', default: false, describe: "Disable IIS Manager's own task" })
      .option('alongside', { type: 'boolean', default: false, describe: "Leave IIS Manager's own task active" })
      .option('force', { type: 'boolean', default: false, describe: 'Also in the place of a later version' }),
  async run(args, invocation) {
    if (args.replaceNative && args.alongside)
      throw new CertRebindError('usage', { message: 'Either --replace-native or --alongside, not both.' });
    return withServer(args, invocation, async (session) => {
      for (const warning of await register(session, args)) invocation.shell.say(warning);
      const document = await readStatus(session);
      invocation.shell.result(document, (look) => statusText(document, look));
      return 0;
    });
  },
});
