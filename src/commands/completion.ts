import { basename } from 'node:path';
import { defineCommand } from '../command-line/command.ts';
import { CertRebindError } from '../text/errors.ts';
import { type CompletingShell, completingShells, completionScript } from './completion-text.ts';

export const completion = defineCommand({
  examples: [
    [
      'completion powershell | Add-Content $PROFILE',
      'For PowerShell, from the next session on. Do not use >>: it writes UTF-16',
    ],
    ['completion bash >> ~/.bashrc', 'For bash'],
  ],
  build: (yargs) =>
    yargs.positional('shell', { choices: completingShells, describe: 'Default on Windows: powershell' }),
  async run(args, { shell }) {
    const of = args.shell ?? shellOf(shell.env);
    const script = completionScript(of);
    shell.result({ schema: 'certrebind/completion/1', shell: of, script }, () => script);
    return 0;
  },
});

function shellOf({ SHELL = '' }: NodeJS.ProcessEnv): CompletingShell {
  if (process.platform === 'win32') return 'powershell';
  const found = completingShells.find((name) => name === basename(SHELL));
  if (found !== undefined) return found;
  throw new CertRebindError('usage', {
    message: `Name your shell: ${completingShells.join(', ')}.`,
    hint: 'For example: certrebind completion powershell',
  });
}
