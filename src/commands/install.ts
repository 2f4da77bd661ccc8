import { installationText } from '../report/installation.ts';
import { demandPlace, placeProgram } from './session/place-program.ts';
import { withServer } from './session/session.ts';
import { defineCommand } from './shell/command.ts';

export const install = defineCommand({
  examples: [
    ['install', 'Also an upgrade in place; the tasks stay as they are'],
    ['install --force', 'Go back to an older version'],
  ],
  build: (yargs) =>
    yargs.option('force', { type: 'boolean', default: false, describe: 'Also in the place of a later version' }),
  run: (args, invocation) =>
    withServer(
      args,
      invocation,
      async (session) => {
        const place = demandPlace(session);
        const document = await placeProgram(session, place, { force: args.force, withModule: true });
        if (document.changed.length > 0) {
          // The first entry also registers the source of all later ones. Without it everything works all the same.
          await session.server.change([
            {
              do: 'log',
              eventId: 180,
              level: 'information',
              text: `CertRebind ${document.version} was installed in ${document.folder}.`,
              data: { version: document.version },
            },
          ]);
        }
        invocation.shell.result(document, (look) => installationText(document, look));
        return 0;
      },
      { configuration: 'if-readable' },
    ),
});
