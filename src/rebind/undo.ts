import { defineCommand } from '../command-line/command.ts';
import { runMeant } from '../inspect/history/run-meant.ts';
import { isMeantByUndo, planUndo } from '../plan/plan-undo.ts';
import { demandSafeRun } from '../session/safe-state.ts';
import { withServer } from '../session/session.ts';
import type { State } from '../state/state.ts';
import { CertRebindError } from '../text/errors.ts';
import { askAndRun } from './run.ts';

export const undo = defineCommand({
  examples: [
    ['undo', 'The last run'],
    ['undo 20260131-0915', 'A run by the beginning of its name'],
    ['undo 20260131-091500000-1a2b --dry-run', 'Show what rolling back that run would change'],
  ],
  build: (yargs) =>
    yargs
      .positional('run', { type: 'string', describe: 'Name of a run or its beginning, or: last' })
      .option('dry-run', { type: 'boolean', default: false, describe: 'Change nothing' })
      .option('force', {
        type: 'boolean',
        default: false,
        describe: 'Also roll back what someone else has changed since',
      }),
  run: (args, invocation) =>
    withServer(args, invocation, (session) =>
      askAndRun(session, invocation, {
        command: 'undo',
        takesEveryEvent: false,
        async plan({ snapshot }) {
          const run = await meantRun(args.run, session.state);
          await demandSafeRun(session, run);
          const { journal, outcome } = await session.state.readRun(run);
          if (outcome === null) throw unfinished(run);
          return planUndo({ snapshot, run, journal, outcome, force: args.force });
        },
        dryRun: args.dryRun,
        wait: args.wait,
      }),
    ),
});

/** `last` without a name means the last run that changed something and was no undo. */
async function meantRun(text: string | undefined, state: State): Promise<string> {
  return text === undefined || text === 'last' ? lastThatChanged(state) : runMeant(text, state);
}

/** @throws CertRebindError if the run that may be the last one cannot be read: an earlier one is never taken instead */
async function lastThatChanged(state: State): Promise<string> {
  for (const { run, summary, unreadable } of (await state.listRuns()).toReversed()) {
    if (unreadable !== null) throw unreadable;
    if (summary === null || summary.counts.changed + summary.counts.stillOld + summary.counts.failed === 0) continue;
    const { journal, outcome } = await state.readRun(run);
    if (outcome !== null && isMeantByUndo({ journal, outcome })) return run;
  }
  throw new CertRebindError('no-such-run', { message: 'No run has changed anything, so there is nothing to undo.' });
}

function unfinished(run: string): CertRebindError {
  return new CertRebindError('no-such-run', {
    message: `Run ${run} is not finished. CertRebind has to recover it before it can be rolled back.`,
    hint: 'Run the command again without --dry-run.',
  });
}
