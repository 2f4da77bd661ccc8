import { parseThumbprint } from '../model/thumbprint.ts';
import { usageOf } from '../plan/usage.ts';
import { usageText } from '../report/usage.ts';
import { readSnapshot } from '../server/server.ts';
import { withServer } from './session/session.ts';
import { defineCommand } from './shell/command.ts';

export const usage = defineCommand({
  examples: [
    ['usage', 'Every certificate'],
    ['usage <thumbprint>', 'One of them'],
  ],
  build: (yargs) => yargs.positional('thumbprint', { type: 'string', describe: 'All of them when left out' }),
  async run(args, invocation) {
    const only = args.thumbprint === undefined ? null : parseThumbprint(args.thumbprint, 'thumbprint');
    return withServer(args, invocation, async ({ server, configuration }) => {
      const document = usageOf(await readSnapshot(server), configuration, only);
      invocation.shell.result(document, (look) => usageText(document, look));
      return 0;
    });
  },
});
