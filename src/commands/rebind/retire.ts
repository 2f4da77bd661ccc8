import { wrongUse } from '../../base/errors.ts';
import { quoted } from '../../base/safe-text.ts';
import type { Retirement } from '../../documents/retirement.ts';
import { daysToRetire } from '../../engine/plan/retire.ts';
import { agreement, lookForRetired, noteDay, retireReplaced } from '../../session/run/retire-replaced.ts';
import { searchWritten } from '../../session/search-written.ts';
import { serverCommand } from '../../session/session.ts';
import type { Invocation } from '../../shell/command.ts';
import { argument, flag, withSearch } from '../../shell/options.ts';
import { questionText, retirementText } from '../../shell/print/retire-text.ts';
import { declinedExitCode } from '../../shell/shell.ts';

export const retire = serverCommand({
  examples: [
    ['retire --dry-run', 'Show which replaced certificates nothing needs any more'],
    ['retire', 'Archive them. Their keys stay, and undo shows them again'],
    ['retire --after 30d --yes', 'Only what was replaced at least 30 days ago, without a question'],
    ['retire --delete', 'Also delete what has been archived for that long, with its keys. This is final'],
  ],
  build: (yargs) =>
    withSearch(yargs)
      .option('after', argument('Days that the new certificate has to be at work; those of retire.after, or 14d'))
      .option('delete', flag('Also delete, with its key, what was archived that long ago. This is final'))
      .option('dry-run', flag('Change nothing')),
  async run(session, args) {
    const after = args.after === undefined ? daysToRetire(session.configuration) : parseAfter(args.after);
    const rule = { afterDays: after, deletes: args.delete };
    if (!args.dryRun) await noteDay(session);
    const { retirement: found } = await lookForRetired(session, rule);
    const { shell } = session;
    const free = found.cases.filter(({ becomes }) => becomes !== 'stays');
    const named = (args.delete ? free : []).map(({ thumbprint, successor }) => [thumbprint, successor] as const);
    const searched = await searchWritten(session, args, new Map(named));
    const retirement = { ...found, ...searched };
    if (args.dryRun || free.length === 0) return show({ ...retirement, dryRun: args.dryRun }, session);
    shell.preview((look) => retirementText(retirement, look));
    if (!(await shell.confirm(questionText(free)))) return declinedExitCode;
    const agreed = new Set(free.map(agreement));
    const made = await retireReplaced(session, shell.interruptible(), { ...rule, wait: args.wait, agreed });
    return show({ ...made, ...searched }, session);
  },
});

function show(made: Retirement, { shell }: Invocation): number {
  shell.result(made, retirementText);
  if (made.refused !== null) return 3;
  return made.cases.some(({ becomes }) => becomes === 'failed') ? 4 : 0;
}

/** @throws CertRebindError `usage` */
function parseAfter(text: string): number {
  const digits = /^(\d{1,4})d?$/.exec(text)?.[1];
  if (digits !== undefined) return Number(digits);
  throw wrongUse('--after', `--after takes a number of days, for example 14d, not ${quoted(text, 40)}.`);
}
