import { asResult, CertRebindError } from '../../base/errors.ts';
import { serverCommand } from '../../session/session.ts';
import { withInstallationLock } from '../../session/setup/installation-lock.ts';
import { unregister } from '../../session/setup/registration.ts';
import { readStatus } from '../../session/status/read-status.ts';
import { flag } from '../../shell/options.ts';
import { statusText } from '../../shell/print/status-text.ts';

export const disable = serverCommand({
  examples: [
    ['disable', 'Nothing else is changed'],
    ['disable --restore-native', 'Also enable the task of IIS Manager again, if CertRebind disabled it'],
  ],
  build: (yargs) => yargs.option('restore-native', flag('Enable the task of IIS Manager again')),
  configuration: 'if-readable',
  async run(session, args) {
    const { nothingToRestore } = await withInstallationLock(session, args, async () => {
      const given = await unregister(session, args);
      // What an `enable` that did not finish has left is removed with the tasks, so that nothing is left to finish.
      const setup = await asResult(() => session.files.readSetup());
      if (!(setup instanceof CertRebindError) && setup.unfinished?.command === 'enable')
        await session.files.writeSetup({ ...setup, unfinished: null });
      return given;
    });
    if (nothingToRestore)
      session.shell.say('No task to enable again: certrebind enable --replace-native did not disable one.');
    return session.shell.result(await readStatus(session), statusText);
  },
});
