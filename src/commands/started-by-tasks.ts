import { CertRebindError } from '../base/errors.ts';
import { defineCommand } from '../shell/command.ts';

const byTaskOnly = (name: string, line: string) =>
  Promise.reject(
    new CertRebindError('usage', {
      message: `${name} must be the first word, and it accepts only what a task passes to it: ${line}.`,
    }),
  );

/** Help for what tasks start; it runs before any parser is loaded, and so not from here. */
export const onEventByHand = defineCommand({
  examples: [['on-event --record 1742', 'The only form']],
  build: (yargs) => yargs.option('record', { type: 'string', describe: 'Record number of event 1001 in its log' }),
  run: () => byTaskOnly('on-event', 'on-event --record <number>'),
});

export const triggerRunByHand = defineCommand({
  examples: [['trigger-run mail-us --record 1742', 'The only form']],
  build: (yargs) =>
    yargs
      .positional('id', { type: 'string', describe: 'The name of the trigger' })
      .option('record', { type: 'string', describe: 'Record number of the event in its log' }),
  run: () => byTaskOnly('trigger-run', 'trigger-run <id> --record <number>'),
});
