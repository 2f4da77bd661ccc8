import { serverCommand } from '../../session/session.ts';
import { putSettings } from '../../session/setup/set-configuration.ts';
import { assertSense, setUp } from '../../session/setup/set-up.ts';
import { readStatus } from '../../session/status/read-status.ts';
import { flag } from '../../shell/options.ts';
import { statusText } from '../../shell/print/status-text.ts';

export const enable = serverCommand({
  examples: [
    ['enable', 'Refused while the rebind task of IIS Manager is active'],
    ['enable --replace-native', 'Replace the task of IIS Manager, after a test that the tasks of CertRebind work'],
    ['enable --successors same-names', 'Find renewals by their names too, as ACME clients make them'],
    ['enable --no-proof', 'Where no tasks run, for example in a container or an image'],
  ],
  build: (yargs) =>
    yargs
      .option('replace-native', flag('Disable the rebind task of IIS Manager'))
      .option('alongside', flag('Keep the rebind task of IIS Manager active'))
      .option('no-proof', flag('Skip the test that Task Scheduler can start CertRebind'))
      .option('successors', {
        choices: ['recorded', 'same-names'] as const,
        requiresArg: true,
        describe: 'How renewals are found. same-names: by the names of certificates too',
      })
      .option('downgrade', flag('Replace a later version too')),
  read: (args) => assertSense(args),
  async run(session, args) {
    const { replaceNative, alongside, noProof, downgrade: force, wait, successors } = args;
    const wanted = { command: 'enable', replaceNative, alongside, force, noProof, wait } as const;
    const { program, warnings } = await setUp(session, wanted);
    for (const warning of warnings) session.shell.say(warning);
    const { configuration } =
      successors === undefined ? session : await putSettings([['successors', successors]], args, session);
    const document = await readStatus({ ...session, configuration, executable: program });
    session.shell.result(document, statusText);
    if (document.findings.some(({ code }) => code === 'renewal-unnoticed'))
      session.shell.say(
        'To find such renewals by the names of certificates: certrebind enable --successors same-names',
      );
    return 0;
  },
});
