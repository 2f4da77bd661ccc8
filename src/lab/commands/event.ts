import { CertRebindError, wrongUse } from '../../base/errors.ts';
import { type TriggerEvent, triggerEvents } from '../../documents/trigger.ts';
import { localSystem } from '../../model/windows/service-account.ts';
import { defineCommand } from '../../shell/command.ts';
import { argument, flag } from '../../shell/options.ts';
import { labNamed, withLab } from './folder.ts';
import { performIn, tasksEnded } from './perform.ts';
import { certificateOfLab } from './select.ts';

const isEvent = (word: string): word is TriggerEvent => word in triggerEvents;

export const event = defineCommand({
  examples: [
    ['lab event expired <thumbprint> --lab my-lab', 'The event alone; no certificate is changed'],
    [
      'lab event replaced <thumbprint> --new <thumbprint> --lab my-lab --wait',
      'Return when the tasks that it starts have ended',
    ],
    ['lab event --clear --lab my-lab', 'Clear the log'],
  ],
  build: (yargs) =>
    yargs
      .positional('what', { choices: Object.keys(triggerEvents).filter(isEvent), describe: 'What happened' })
      .positional('thumbprint', { type: 'string', describe: 'To which certificate' })
      .positional('dir', { type: 'string', describe: 'The folder of the lab (or --lab)' })
      .option('new', argument('With replaced: the successor'))
      .option('written-by', { type: 'string', default: localSystem, requiresArg: true, describe: 'SID of the writer' })
      .option('clear', flag('Clear the log first')),
  run: async (args, { shell }) => {
    const { what } = args;
    const folder = labNamed(args);
    if (what === undefined && !args.clear)
      throw new CertRebindError('usage', { message: 'Which event? Name what happened, or --clear.' });
    const certificate =
      what === undefined ? '' : await certificateOfLab(args.thumbprint ?? '', 'thumbprint', folder, shell.env);
    const isReplacement = what === 'replaced';
    if (isReplacement !== (args.new !== undefined))
      throw wrongUse('--new', '--new belongs to replaced, and to nothing else.');
    const successor = args.new === undefined ? null : await certificateOfLab(args.new, '--new', folder, shell.env);
    return withLab(folder, shell.env, async (lab) => {
      if (args.clear) await performIn(lab, { kind: 'clear-log' });
      let recordId: number | null = null;
      if (what !== undefined) {
        const written = await performIn(lab, {
          kind: 'write-event',
          eventId: triggerEvents[what],
          writtenBy: args.writtenBy,
          processName: args.writtenBy === localSystem ? 'taskhostw.exe' : 'powershell.exe',
          accountName: args.writtenBy,
          action: isReplacement ? 'Replace' : what === 'installed' ? 'Enroll' : null,
          old: isReplacement ? certificate : null,
          new: successor,
          certificate: isReplacement ? null : certificate,
        });
        recordId = written.kind === 'event' ? written.recordId : null;
      }
      if (args.wait) await tasksEnded(lab);
      shell.result({ schema: 'certrebind/lab-event/1', eventRecordId: recordId }, () =>
        recordId === null ? 'The log is empty.' : `Event ${what}, record ${recordId}.`,
      );
      return 0;
    });
  },
});
