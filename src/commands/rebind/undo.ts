import { askAndRun } from '../../session/run/run.ts';
import { serverCommand } from '../../session/session.ts';
import { flag, overridesOf, withNow } from '../../shell/options.ts';

export const undo = serverCommand({
  examples: [
    ['undo', 'The last run'],
    ['undo 20260131-0915', 'A run by the beginning of its name'],
    ['undo 20260131-091500000-1a2b --dry-run', 'Show what rolling back that run would change'],
  ],
  build: (yargs) =>
    withNow(yargs)
      .positional('run', { type: 'string', describe: 'Name of a run or its beginning, or: last' })
      .option('dry-run', flag('Change nothing'))
      .option(
        'force',
        flag('Also roll back what was changed since, and to a certificate that has expired or has no usable key'),
      ),
  run: (session, args) =>
    askAndRun(session, args, {
      command: 'undo',
      wanted: { want: 'undo', run: args.run ?? 'last', force: args.force },
      overrides: overridesOf(args),
    }),
});
