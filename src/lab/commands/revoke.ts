import { defineCommand } from '../../shell/command.ts';
import { labNamed, withLab } from './folder.ts';
import { certificateOfLab } from './select.ts';

export const revoke = defineCommand({
  examples: [['lab revoke <thumbprint> --lab my-lab', 'As Windows knows it once it has fetched the list']],
  build: (yargs) =>
    yargs
      .positional('dir', { type: 'string', describe: 'The folder of the lab (or --lab)' })
      .positional('thumbprint', { type: 'string', demandOption: true, describe: 'The certificate to revoke' }),
  run: async (args, { shell }) => {
    const lab = labNamed(args);
    const thumbprint = await certificateOfLab(args.thumbprint, 'thumbprint', lab, shell.env);
    return withLab(lab, shell.env, async (opened) => {
      await opened.ask({ ask: 'revoke', thumbprint });
      shell.result({ schema: 'certrebind/lab-revoked/1', thumbprint }, () => `${thumbprint} is revoked.`);
      return 0;
    });
  },
});
