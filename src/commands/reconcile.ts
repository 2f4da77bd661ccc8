import { takePending } from './runs/take-pending.ts';
import { defineCommand } from './shell/command.ts';
import { withNow } from './shell/now.ts';

export const reconcile = defineCommand({
  examples: [
    ['reconcile', 'What on-event does, for whatever is pending'],
    ['reconcile --dry-run', 'Everything but the change'],
    ['reconcile --now', 'Outside of the window for changes too'],
  ],
  build: (yargs) => withNow(yargs).option('dry-run', { type: 'boolean', default: false, describe: 'Change nothing' }),
  run: (args, invocation) =>
    takePending(args, invocation, { command: 'reconcile', dryRun: args.dryRun, now: args.now }),
});
