import { changeOne } from '../../server/server.ts';
import { serverCommand } from '../../session/session.ts';
import { assertPlace } from '../../session/setup/place-program.ts';
import { setUp } from '../../session/setup/set-up.ts';
import { flag } from '../../shell/options.ts';
import { installationText } from './installation-text.ts';

export const install = serverCommand({
  examples: [
    ['install', 'Also upgrades: the tasks start the new version after it was tested'],
    ['install --downgrade', 'Install an older version'],
  ],
  build: (yargs) =>
    yargs
      .option('no-proof', flag('Skip the test that Task Scheduler can start this version'))
      .option('downgrade', flag('Replace a later version too')),
  configuration: 'if-readable',
  async run(session, args) {
    assertPlace(session);
    const { installation, warnings } = await setUp(session, {
      command: 'install',
      force: args.downgrade,
      noProof: args.noProof,
      wait: args.wait,
    });
    if (installation === null) throw new TypeError('nothing was installed');
    const document = { ...installation, warnings };
    if (document.changed.length > 0) {
      // The first entry also registers the source of all later ones. Everything works without it.
      await changeOne(session.server, {
        do: 'log',
        eventId: 180,
        level: 'information',
        text: `CertRebind ${document.version} was installed in ${document.folder}.`,
        data: { version: document.version },
      });
    }
    return session.shell.result(document, installationText);
  },
});
