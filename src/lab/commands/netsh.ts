import { CertRebindError } from '../../base/errors.ts';
import { defineCommand } from '../../shell/command.ts';
import { labNamed, withLab } from './folder.ts';
import { performIn } from './perform.ts';

export const netsh = defineCommand({
  examples: [
    ['lab netsh "http show sslcert" --lab my-lab', 'Every certificate binding, as netsh prints it'],
    ['lab netsh "http delete sslcert hostnameport=shop.example.com:443" --lab my-lab', 'One record less'],
  ],
  build: (yargs) =>
    yargs
      .positional('dir', { type: 'string', describe: 'The folder of the lab (or --lab)' })
      .positional('line', { type: 'string', demandOption: true, describe: 'What would stand after netsh' }),
  run: (args, { shell }) =>
    withLab(labNamed(args), shell.env, async (lab) => {
      const result = await performIn(lab, { kind: 'netsh', args: words(args.line) });
      if (result.kind !== 'netsh')
        throw new CertRebindError('server-unreachable', { message: 'The lab did not answer for netsh.' });
      const { exitCode, output } = result;
      const text = output.replaceAll('\r\n', '\n').trim();
      if (exitCode !== 0) throw new CertRebindError('bad-input', { message: `netsh ended with ${exitCode}: ${text}` });
      shell.result({ schema: 'certrebind/lab-netsh/1', exitCode, output }, () => text);
      return 0;
    }),
});

/** Split at blanks, as Windows programs do it; quotes keep words together. */
function words(line: string): readonly string[] {
  return (line.match(/(?:[^\s"]|"[^"]*")+/g) ?? []).map((word) => word.replaceAll('"', ''));
}
