import { writeFile } from 'node:fs/promises';
import { wrongUse } from '../../base/errors.ts';
import { defineCommand } from '../../shell/command.ts';
import { argument, flag } from '../../shell/options.ts';
import { labNamed, withLab } from './folder.ts';
import { parseSpan, tasksEnded } from './perform.ts';
import { certificateOfLab } from './select.ts';

export const renew = defineCommand({
  examples: [
    ['lab renew <thumbprint> --lab my-lab', 'The same names, a later end'],
    ['lab renew <thumbprint> --lab my-lab --wait', 'Return when the tasks that it starts have ended'],
    ['lab renew <thumbprint> --lab my-lab --names a.example.com', 'With other names'],
    ['lab renew <thumbprint> --lab my-lab --issuer staging', 'From another authority'],
    ['lab renew <thumbprint> --lab my-lab --to renewed.pem', 'As a file, for a watched folder or an import'],
    ['lab renew <thumbprint> --lab my-lab --no-property --written-by S-1-5-20', 'An event that a service forged'],
  ],
  build: (yargs) =>
    yargs
      .positional('dir', { type: 'string', describe: 'The folder of the lab (or --lab)' })
      .positional('thumbprint', { type: 'string', demandOption: true, describe: 'The certificate to renew' })
      .option('names', argument('Names of the new one, with commas between'))
      .option('store', argument('My or WebHosting; that of the old one'))
      .option('no-event', flag('Write no event 1001'))
      .option('no-key', flag('The new one comes without its key'))
      .option('no-property', flag('Set no renewal property'))
      .option('keep-old', flag('Do not archive the old one'))
      .option('written-by', argument('SID of the writer of the event'))
      .option('expires-in', argument('Until its end, for example 30d, 12h, -1d'))
      .option('issuer', argument('An authority of the lab (lab authority); its own'))
      .option('to', argument('Only issue it, into this PEM file with its chain and key'))
      .option('central', argument('Only issue it, as the file of this host in the central certificate store'))
      .option('valid-in', argument('Until its start, for example 5m')),
  run: async (args, { shell }) => {
    const lab = labNamed(args);
    const thumbprint = await certificateOfLab(args.thumbprint, 'thumbprint', lab, shell.env);
    return withLab(lab, shell.env, async (opened) => {
      const { pem, ...renewed } = await opened.ask({
        ask: 'renew',
        options: {
          thumbprint,
          event: !args.noEvent,
          privateKey: !args.noKey,
          renewalProperty: !args.noProperty,
          archiveOld: !args.keepOld,
          ...(args.issuer === undefined ? {} : { issuer: args.issuer }),
          ...(args.to === undefined ? {} : { apart: true }),
          ...(args.central === undefined ? {} : { central: args.central }),
          ...(args.names === undefined ? {} : { names: parseNames(args.names) }),
          ...(args.store === undefined ? {} : { store: args.store }),
          ...(args.writtenBy === undefined ? {} : { writtenBy: parseSid(args.writtenBy) }),
          ...(args.expiresIn === undefined ? {} : { expiresInMs: parseSpan(args.expiresIn, '--expires-in') }),
          ...(args.validIn === undefined ? {} : { validInMs: parseSpan(args.validIn, '--valid-in') }),
        },
      });
      if (args.to !== undefined) await writeFile(args.to, pem ?? '', { mode: 0o600 });
      if (args.wait) await tasksEnded(opened);
      shell.result(renewed, () =>
        [
          `${renewed.old} is renewed by`,
          `${renewed.new}${renewed.eventRecordId === null ? '' : ` (event 1001, record ${renewed.eventRecordId})`}${args.to === undefined ? '' : `, in ${args.to}`}.`,
        ].join('\n'),
      );
      return 0;
    });
  },
});

function parseNames(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.every((name) => name !== '')) return names;
  throw wrongUse('--names', '--names has an empty name.');
}

function parseSid(text: string): string {
  if (/^S-1-\d+(-\d+)+$/.test(text)) return text;
  throw wrongUse('--written-by', `${JSON.stringify(text.slice(0, 60))} is not a SID, for example S-1-5-20.`);
}
