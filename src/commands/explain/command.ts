import { CertRebindError } from '../../base/errors.ts';
import { didYouMean } from '../../base/nearest.ts';
import { defineCommand } from '../../shell/command.ts';
import { allCodes, codesText } from './text.ts';

export const explain = defineCommand({
  examples: [
    ['explain names-lost', 'Why something was not changed'],
    ['explain 3', 'An exit code'],
    ['explain', 'Every code'],
  ],
  build: (yargs) => yargs.positional('code', { type: 'string', describe: 'A code. Without it: all codes' }),
  async run({ code }, { shell }) {
    const known = allCodes();
    const codes = code === undefined ? known : known.filter((entry) => entry.code === code);
    if (code !== undefined && codes.length === 0) {
      const meant = didYouMean(
        code,
        known.map((entry) => entry.code),
      );
      throw new CertRebindError('no-such-code', { message: `There is no code ${JSON.stringify(code)}.${meant}` });
    }
    return shell.result({ schema: 'certrebind/codes/1', codes }, codesText);
  },
});
