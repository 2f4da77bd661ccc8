import { defineCommand } from '../../shell/command.ts';
import { labNamed, withLab } from './folder.ts';
import { parseSpan, performIn, tasksEnded } from './perform.ts';

export const boot = defineCommand({
  examples: [
    ['lab boot --lab my-lab', 'As lab serve does when it begins'],
    [
      'lab boot --after 1m --wait --lab my-lab',
      'As if a minute had passed since, and return when its tasks have ended',
    ],
  ],
  build: (yargs) =>
    yargs
      .positional('dir', { type: 'string', describe: 'The folder of the lab (or --lab)' })
      .option('after', { type: 'string', default: '0s', requiresArg: true, describe: 'Time that has passed since' }),
  run: async (args, { shell }) => {
    const passedMs = parseSpan(args.after, '--after');
    return withLab(labNamed(args), shell.env, async (lab) => {
      await performIn(lab, { kind: 'boot', passedMs });
      if (args.wait) await tasksEnded(lab);
      shell.result({ schema: 'certrebind/lab-booted/1' }, () => 'The lab has started again.');
      return 0;
    });
  },
});
