import { defineCommand } from '../../shell/command.ts';
import { labNamed, withLab } from './folder.ts';
import { parseSpan, performIn, tasksEnded } from './perform.ts';

export const tick = defineCommand({
  examples: [['lab tick --by 1h --wait --lab my-lab', 'Whatever runs hourly, and return when it has ended']],
  build: (yargs) =>
    yargs
      .positional('dir', { type: 'string', describe: 'The folder of the lab (or --lab)' })
      .option('by', { type: 'string', default: '1h', requiresArg: true, describe: 'How much time has passed' }),
  run: async (args, { shell }) => {
    const passedMs = parseSpan(args.by, '--by');
    return withLab(labNamed(args), shell.env, async (lab) => {
      await performIn(lab, { kind: 'tick', passedMs });
      if (args.wait) await tasksEnded(lab);
      shell.result({ schema: 'certrebind/lab-ticked/1' }, () => 'Time has passed.');
      return 0;
    });
  },
});
