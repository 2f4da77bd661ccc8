import { defineCommand } from '../shell/command.ts';
import { withLab } from './folder.ts';

export const stop = defineCommand({
  examples: [['lab stop --lab my-lab', 'End it']],
  build: (yargs) => yargs,
  run: (args, { shell }) =>
    withLab(args.lab, shell.env, async (lab) => {
      await lab.ask({ ask: 'stop' });
      shell.result(
        { schema: 'certrebind/lab-stopped/1', folder: lab.folder },
        () => `Nothing serves ${lab.folder} now.`,
      );
      return 0;
    }),
});
