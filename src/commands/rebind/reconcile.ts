import { applyPending } from '../../session/run/apply-pending.ts';
import { defineCommand } from '../../shell/command.ts';
import { flag, withNow } from '../../shell/options.ts';

export const reconcile = defineCommand({
  examples: [
    ['reconcile', 'Apply all pending renewals now'],
    ['reconcile --dry-run', 'Show what would change'],
    ['reconcile --now', 'Also outside the change window'],
  ],
  build: (yargs) =>
    withNow(yargs)
      .option('dry-run', flag('Change nothing'))
      .option('hourly', flag('As the scheduled task: what was set back to the old certificate waits')),
  run: (args, invocation) =>
    applyPending(args, invocation, {
      command: 'reconcile',
      dryRun: args.dryRun,
      now: args.now,
      byPerson: !args.hourly,
    }),
});
