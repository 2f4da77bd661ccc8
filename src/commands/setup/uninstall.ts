import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asResult, CertRebindError, messageFrom, orNull } from '../../base/errors.ts';
import { isMissing } from '../../base/file-error.ts';
import type { Uninstallation } from '../../documents/installation.ts';
import { leftoversIn, removeLeftovers } from '../../engine/run/rehearsal-leftovers.ts';
import { emptyLockedFolder } from '../../engine/state/lock.ts';
import { programFiles } from '../../engine/state/program-files.ts';
import { firstDanger } from '../../server/server.ts';
import { assertSafeState } from '../../session/safe-state.ts';
import { type Session, serverCommand } from '../../session/session.ts';
import { withInstallationLock } from '../../session/setup/installation-lock.ts';
import { removeModules } from '../../session/setup/module-places.ts';
import { assertPlace } from '../../session/setup/place-program.ts';
import { clearProofs, unregister } from '../../session/setup/registration.ts';
import { flag } from '../../shell/options.ts';
import type { ProgramPlace } from '../../shell/running-program.ts';
import { declinedExitCode } from '../../shell/shell.ts';
import { uninstallationText } from './installation-text.ts';

export const uninstall = serverCommand({
  examples: [
    ['uninstall', 'History and configuration are kept'],
    ['uninstall --purge', 'Remove history and configuration too'],
    ['uninstall --wait', 'Wait for an active run first'],
  ],
  build: (yargs) => yargs.option('purge', flag('Remove history and configuration')),
  configuration: 'if-readable',
  async run(session, args) {
    const { home } = session;
    const place = assertPlace(session);
    // A folder that others could have changed may contain links to anywhere, and SYSTEM must not follow them.
    if (args.purge) await assertSafeState(session);
    const [unfinished] = args.purge ? await session.state.unfinishedRuns() : [];
    const lost =
      unfinished === undefined ? '' : `Run ${unfinished} was interrupted. Only its journal shows what it changed. `;
    const question = `${lost}Remove history and configuration too?`;
    if (args.purge && !(await session.shell.confirm(question, 'Nothing was removed.'))) return declinedExitCode;
    // Only a person can have decided about that run.
    const given = session.shell.asks ? (unfinished ?? null) : null;
    const { purge, wait } = args;
    const purged = purge && home !== null && existsSync(home) ? home : null;
    const { exitCode, ...gone } = await withInstallationLock(session, { wait, leavesNoFolder: true }, async () => {
      // Nothing needs cleaning up: Ctrl-C may end the process, and the same command continues from there.
      const lock = await session.state.lock({ wait, signal: new AbortController().signal });
      const work = async () => {
        if (purge) await assertNothingUnfinished(session, given);
        return removeAll(session, place, purge ? home : null);
      };
      return work().finally(() => lock.release());
    });
    const document: Uninstallation = {
      schema: 'certrebind/uninstall/1',
      folder: place.folder,
      ...gone,
      state: home !== null && existsSync(home) ? home : null,
      purged,
    };
    return session.shell.result(document, uninstallationText, exitCode);
  },
});

/**
 * @param given the run whose journal may be lost
 * @throws CertRebindError `run-unfinished` when a journal is the only thing that tells what records held before
 */
async function assertNothingUnfinished({ state }: Session, given: string | null): Promise<void> {
  const run = (await state.unfinishedRuns()).find((each) => each !== given);
  if (run === undefined) return;
  throw new CertRebindError('run-unfinished', {
    message: `Run ${run} was interrupted. Only its journal shows what it changed. Nothing was removed.`,
    where: '--purge',
  });
}

async function removeAll(session: Session, place: ProgramPlace, purged: string | null) {
  const files = programFiles(place.folder);
  // Read before anything is removed: an unreadable list must not leave the work half done.
  const installed = await files.readInstalled();
  await clearProofs(session);
  // A rehearsal that was killed.
  const seen = await orNull(() => session.server.snapshot('brief'));
  const rehearsed = seen === null ? [] : leftoversIn(await removeLeftovers(session.server, seen));
  // Tasks first: no task may be left that starts a removed program, and no server may be left without the rebind it had
  // before.
  const { restored, notKnown, stillDisabled } = await unregister(session, {
    restoreNative: 'if-known',
    triggers: true,
  });
  // The list of files is not needed for another try while the program is there.
  const unlisted = await unlist(session, { logSource: purged !== null });
  const modules = await removeModules(place);
  const { removed, left } = await files.remove(installed);
  // What was verified is gone. Where that cannot be forgotten, the rest is done all the same.
  const proof = await asResult(() => session.files.writeSetup(null));
  if (purged !== null) await emptyLockedFolder(purged);
  const numbers = purged === null ? [] : await removeMetrics(session);
  return {
    removed,
    modules,
    restored,
    left,
    warnings: [
      ...(notKnown === null ? [] : [`${notKnown.message} ${whichToEnable(stillDisabled)}`]),
      ...unlisted,
      ...rehearsed.map(({ what }) => `A rehearsal left ${what}, which could not be removed.`),
      ...numbers,
      ...(proof instanceof CertRebindError ? [`The proof of the tasks, setup.json, was left: ${proof.message}`] : []),
    ],
    exitCode: notKnown !== null && stillDisabled.length > 0 ? 5 : 0,
  };
}

/**
 * Removes the file of numbers, which an exporter would go on showing. Only one that is ours: the setting may name any file.
 * @returns what a person should know
 */
async function removeMetrics({ server, configuration }: Session): Promise<readonly string[]> {
  const file = configuration.metrics?.file;
  if (file === undefined) return [];
  try {
    const danger = await firstDanger(server, [dirname(file)]);
    if (danger !== null) return [`${file} was left: ${danger.where} ${danger.why}.`];
    const text = await readFile(file, 'utf8');
    if (!text.startsWith('# HELP certrebind_')) return [`${file} was left: it has no numbers of CertRebind.`];
    await rm(file);
    return [];
  } catch (cause) {
    return isMissing(cause) ? [] : [`${file} was left: ${messageFrom(cause)}`];
  }
}

/** @returns what a person should know */
async function unlist({ server }: Session, { logSource }: { readonly logSource: boolean }): Promise<readonly string[]> {
  const reports = await server.change([
    { do: 'unlist-product' },
    ...(logSource ? [{ do: 'remove-log-source' } as const] : []),
  ]);
  return reports.flatMap(({ error }) =>
    error === null ? [] : [`CertRebind could not be removed from the list of installed programs: ${error.message}`],
  );
}

function whichToEnable(disabled: readonly string[]): string {
  if (disabled.length === 0) return 'No task of IIS Manager is disabled, so there is none to enable again.';
  const which = disabled.join(', ');
  return `So it is not known whether enable --replace-native disabled ${which}. If IIS Manager should rebind certificates again, enable it in Task Scheduler.`;
}
