import { defineCommand } from '../../shell/command.ts';
import { labNamed, withLab } from './folder.ts';

export const stop = defineCommand({
  examples: [['lab stop --lab my-lab', 'End it']],
  build: (yargs) => yargs.positional('dir', { type: 'string', describe: 'The folder of the lab (or --lab)' }),
  run: (args, { shell }) =>
    withLab(labNamed(args), shell.env, async (lab) => {
      await lab.ask({ ask: 'stop' });
      shell.result(
        { schema: 'certrebind/lab-stopped/1', folder: lab.folder },
        () => `Nothing serves ${lab.folder} now.`,
      );
      return 0;
    }),
});
