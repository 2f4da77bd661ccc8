import { statusText } from '../report/status.ts';
import { readStatus } from './session/read-status.ts';
import { withServer } from './session/session.ts';
import { defineCommand } from './shell/command.ts';
import { parseDays } from './shell/days.ts';

export const status = defineCommand({
  examples: [
    ['status', 'For people'],
    ['status --check', 'Exit 9 when something is not as it should be'],
    ['status --check --days 30', 'Certificates without a successor that end within 30 days are findings too'],
  ],
  build: (yargs) =>
    yargs
      .option('check', { type: 'boolean', default: false, describe: 'Exit 9 when there are findings' })
      .option('days', {
        type: 'string',
        requiresArg: true,
        describe: 'Certificates that end within so many days; those of the configuration',
      }),
  async run(args, invocation) {
    const withinDays = args.days === undefined ? undefined : parseDays(args.days, '--days');
    return withServer(
      args,
      invocation,
      async (session) => {
        const document = await readStatus(session, withinDays);
        invocation.shell.result(document, (look) => statusText(document, look));
        return args.check && document.findings.length > 0 ? 9 : 0;
      },
      { configuration: 'if-readable' },
    );
  },
});
