import { asResult, CertRebindError, type ErrorDocument, errorDocument, messageFrom } from '../../base/errors.ts';
import type { Outcome } from '../../documents/runs/outcome.ts';
import { failureEntry } from '../../engine/run/log-entry.ts';
import { performRun } from '../../engine/run/perform-run.ts';
import type { RunRequest } from '../../engine/run/request.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { Invocation } from '../../shell/command.ts';
import type { GlobalArguments } from '../../shell/globals.ts';
import { outcomeText } from '../../shell/print/outcome-text.ts';
import { declinedExitCode } from '../../shell/shell.ts';
import { deliver } from '../notify/deliver.ts';
import { type FailedStart, type Session, withServer } from '../session.ts';
import { confirmed, notifyOthers, runContext } from './run.ts';

/**
 * Carries out every renewal that is not settled. Nobody watches when a task starts this, so an error that stops it is
 * kept in the state folder, where `status` finds it.
 */
export async function applyPending(
  args: GlobalArguments,
  invocation: Invocation,
  start: {
    readonly command: string;
    readonly dryRun: boolean;
    /** Outside of the window too. */
    readonly now?: boolean;
    /**
     * A person typed it: at a terminal the plan is shown, and a change needs consent; what was set back is applied again at
     * once.
     */
    readonly byPerson?: boolean;
    /** The event that started it. */
    readonly event?: { readonly record: number; readonly startedAt: Date };
  },
): Promise<number> {
  return withServer(
    args,
    invocation,
    async (session) => {
      const { command, dryRun, now = false, byPerson = false, event } = start;
      const isUnattended = command === 'reconcile' && !dryRun && !invocation.shell.asks;
      const wanted: RunRequest = {
        command,
        wanted: { want: 'pending', byPerson, ...(event === undefined ? {} : { event }) },
        configuration: session.configuration,
        overrides: { now },
        dryRun,
        // A burst of renewals queues one start after another; none may fail only because another run holds the lock.
        wait: true,
      };
      const request = byPerson ? await confirmed(session, wanted) : wanted;
      if (request === null) return declinedExitCode;
      const { outcome, seen } = await performRun(runContext(session), request);
      const outcomes: readonly [Outcome, ...Outcome[]] = [
        outcome,
        ...(isUnattended ? await takeFromFolders(session) : []),
      ];
      const worst = showWorst(outcomes, invocation);
      if (!start.dryRun) {
        if (command === 'reconcile' && seen !== null) {
          await besides(session, 'No certificate was archived', async () => {
            const { noteLook } = await import('./retire-replaced.ts');
            await noteLook(session, session.shell.interruptible(), seen, { archives: isUnattended });
          });
          await besides(session, 'No endpoint was dialled', async () => {
            const { dialDue } = await import('../wire/dial-due.ts');
            await dialDue(session, seen);
          });
        }
        // The outcome has been shown; failing to remove an old error does not change it.
        await asResult(() => session.state.writeLastError(null));
        // An event without work ends as fast as it can; the hourly run tells what there is to tell.
        const isDone = start.command === 'on-event' && outcome.result === 'nothing-to-do';
        await (isDone ? notifyOthers(session, seen) : tellOfNow(session, outcomes, seen));
      }
      return worst.exitCode;
    },
    start.dryRun ? {} : { failed: rememberFailure },
  );
}

/** For all looks at watched folders in one start. */
const lookMs = 60_000;

/** After what is pending on the server itself: nothing outside holds that up. */
async function takeFromFolders(session: Session): Promise<readonly Outcome[]> {
  if (session.configuration.watch.length === 0) return [];
  const taken = await besides(session, 'The watched folders were not looked at', async () => {
    const { importWatched } = await import('./import-watched.ts');
    return importWatched(session, lookMs);
  });
  return taken ?? [];
}

/** What a start does besides its run: what goes wrong there is only said, and tried again in an hour. */
async function besides<Done>({ shell }: Session, otherwise: string, work: () => Promise<Done>): Promise<Done | null> {
  try {
    return await work();
  } catch (thrown) {
    shell.notice(`${otherwise}: ${messageFrom(thrown)}`);
    return null;
  }
}

/** Of several runs of one start the worst is its result, else the last that did something; the others are named. */
function showWorst([first, ...others]: readonly [Outcome, ...Outcome[]], { shell }: Invocation): Outcome {
  const isWorse = (one: Outcome, than: Outcome) =>
    one.exitCode > than.exitCode || (one.exitCode === than.exitCode && one.result !== 'nothing-to-do');
  const worst = others.reduce((than, one) => (isWorse(one, than) ? one : than), first);
  shell.result(worst, outcomeText);
  for (const { run, command, result } of [first, ...others].filter((one) => one !== worst && one.kept))
    shell.notice(`Run ${run} (${command}): ${result}. To see it: certrebind history ${run}`);
  return worst;
}

/** A start that found its renewal settled has not looked at the server. */
async function tellOfNow(session: Session, outcomes: readonly Outcome[], seen: Snapshot | null): Promise<void> {
  if (seen === null) return notifyOthers(session);
  const now = outcomes.every(({ steps }) => steps.length === 0)
    ? seen
    : await session.server.snapshot().catch(() => null);
  // Loaded late, as everything that a start with nothing to do has no use for.
  const { notifyFindings } = await import('./notify-findings.ts');
  if (now !== null) await notifyFindings(session, now, seen).catch(() => {});
  await notifyOthers(session, now);
}

/** 6 is included because this start waits for the lock: if it still is not free, a run hangs. */
const worthRemembering: ReadonlySet<number> = new Set([1, 2, 6, 7]);

/**
 * Keeps the error that stopped a start in the state folder, writes an entry to the Application log unless the previous
 * start ended for the same reason, since an hourly task must not fill the log, and tells people where the folder is safe
 * and the configuration was read: elsewhere their addresses are not believed.
 */
export async function rememberFailure(thrown: unknown, { server, state, session, isSafe }: FailedStart): Promise<void> {
  const document = errorDocument(thrown);
  if (!worthRemembering.has(document.exitCode)) return;
  const known = await state.readLastError().catch(() => null);
  const failed = await asResult(() => state.writeLastError(document));
  if (failed instanceof CertRebindError && failed.code !== 'other-version') throw failed;
  const isNews = !(failed instanceof CertRebindError) && known?.error.message !== document.error.message;
  if (isNews && canStillLog(document)) await server.change([failureEntry(document)]).catch(() => {});
  if (
    session === null ||
    !(isSafe || (canStillLog(document) && !((await asResult(() => state.assertSafe())) instanceof CertRebindError)))
  )
    return;
  const { notifyFailure } = await import('./notify-findings.ts');
  await notifyFailure(session, document);
  await deliver(session);
}

/** A server that cannot be worked on is not asked again, which could take as long as the failure did. */
function canStillLog({ exitCode, error }: ErrorDocument): boolean {
  return exitCode !== 7 || error.code === 'unsafe-folder';
}
