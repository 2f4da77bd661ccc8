import { existsSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { CertRebindError } from '../model/errors.ts';
import type { Uninstallation } from '../model/installation.ts';
import { uninstallationText } from '../report/installation.ts';
import { emptyLockedFolder } from '../state/lock.ts';
import { programFiles } from '../state/program-files.ts';
import type { Lock } from '../state/state.ts';
import { demandPlace } from './session/place-program.ts';
import { unregister } from './session/registration.ts';
import { demandSafeState } from './session/safe-state.ts';
import { type Session, withServer } from './session/session.ts';
import { defineCommand } from './shell/command.ts';

export const uninstall = defineCommand({
  examples: [
    ['uninstall', 'History, ledger and configuration stay'],
    ['uninstall --purge', 'Remove them too'],
    ['uninstall --wait', 'Once the run that is under way has ended'],
  ],
  build: (yargs) =>
    yargs.option('purge', { type: 'boolean', default: false, describe: 'Remove history, ledger and configuration' }),
  run: (args, invocation) =>
    withServer(
      args,
      invocation,
      async (session) => {
        const { home } = session;
        const { folder } = demandPlace(session);
        if (args.purge && !(await invocation.shell.confirm('Remove history, ledger and configuration too?'))) {
          invocation.shell.say('Nothing was removed.');
          return 0;
        }
        // What others could have put into the folder leads wherever they like, and is not followed as SYSTEM.
        if (args.purge) await demandSafeState(session);
        const lock = await lockIfUsed(session, args);
        const purged = args.purge && lock !== null ? home : null;
        const { exitCode, ...gone } = await removeAll(session, folder, purged).finally(() => lock?.release());
        // A start that waited for the lock may have begun anew in it.
        if (purged !== null) await rmdir(purged).catch(() => {});
        const document: Uninstallation = {
          schema: 'certrebind/uninstall/1',
          folder,
          ...gone,
          state: home !== null && existsSync(home) ? home : null,
        };
        invocation.shell.result(document, (look) => uninstallationText(document, look));
        return exitCode;
      },
      { configuration: 'if-readable' },
    ),
});

/** @throws CertRebindError `run-unfinished` when a journal is the only thing that tells what records held before */
async function demandNothingUnfinished({ state }: Session): Promise<void> {
  const [run] = await state.unfinishedRuns();
  if (run === undefined) return;
  throw new CertRebindError('run-unfinished', {
    message: `Run ${run} was interrupted, and only its journal tells what its TLS records held before. Nothing was removed.`,
    where: '--purge',
  });
}

/** Where nothing is remembered no run can be under way, and no folder is made to lock it. */
async function lockIfUsed({ home, state }: Session, { wait }: { readonly wait: boolean }): Promise<Lock | null> {
  // Nothing has to be ended well: Ctrl-C may end the process, and the same command goes on from there.
  const { signal } = new AbortController();
  return home !== null && existsSync(home) ? state.lock({ wait, signal }) : null;
}

async function removeAll(
  session: Session,
  folder: string,
  purged: string | null,
): Promise<Pick<Uninstallation, 'removed' | 'restored' | 'left' | 'warnings'> & { readonly exitCode: 0 | 5 }> {
  if (purged !== null) await demandNothingUnfinished(session);
  const files = programFiles(folder);
  // Read before anything is removed: a list that cannot be read must not leave half of it done.
  const installed = await files.readInstalled();
  // Tasks first: none may be left that starts what is gone, and no server without the rebind that it had before.
  const { restored, notKnown, stillDisabled } = await unregister(session, {
    restoreNative: 'if-known',
    triggers: true,
  });
  const { removed, left } = await files.remove(installed);
  if (purged !== null) await emptyLockedFolder(purged);
  return {
    removed,
    restored,
    left,
    warnings: notKnown === null ? [] : [`${notKnown.message} ${whichToEnable(stillDisabled)}`],
    exitCode: notKnown !== null && stillDisabled.length > 0 ? 5 : 0,
  };
}

function whichToEnable(disabled: readonly string[]): string {
  if (disabled.length === 0) return 'No task of IIS Manager is disabled, so none has to be enabled again.';
  const which = disabled.join(', ');
  return `So it is not known whether enable --replace-native disabled ${which}: enable it in Task Scheduler if IIS Manager is to rebind certificates again.`;
}
