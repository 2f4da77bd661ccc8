import { CertRebindError } from '../../base/errors.ts';
import { didYouMean } from '../../base/nearest.ts';
import { defineCommand } from '../../shell/command.ts';
import { renderTable } from '../../shell/print/table.ts';
import type { TerminalStyle } from '../../shell/print/terminal-style.ts';
import { moveSwitch, switchTable } from '../kernel/switches.ts';
import { labNamed, withLab } from './folder.ts';
import { performIn, stateOf } from './perform.ts';

export const switchCommand = defineCommand({
  examples: [
    ['lab switch --lab my-lab', 'All of them, with what they stand for'],
    ['lab switch rebind-options flags-lost --lab my-lab', 'A Windows whose replacement loses options'],
  ],
  build: (yargs) =>
    yargs
      .positional('name', { type: 'string', describe: 'A switch' })
      .positional('position', { type: 'string', describe: 'Where it is to stand' })
      .positional('dir', { type: 'string', describe: 'The folder of the lab (or --lab)' }),
  run: (args, { shell }) =>
    withLab(labNamed(args), shell.env, async (lab) => {
      const { name, position } = args;
      let before: string | null = null;
      if (name !== undefined && position !== undefined) {
        const { switches } = await stateOf(lab);
        before = Object.entries(switches).find(([known]) => known === name)?.[1] ?? null;
        const entry = switchTable.find((candidate) => candidate.name === name);
        if (moveSwitch(switches, name, position) === null || entry === undefined) throw noSuchSwitch(name, position);
        await performIn(lab, { kind: 'set-switch', name: entry.name, position });
      } else if (name !== undefined && !switchTable.some((entry) => entry.name === name)) {
        throw noSuchSwitch(name, null);
      }
      const { switches } = await stateOf(lab);
      const shown = switchTable.filter((entry) => name === undefined || entry.name === name);
      const document = {
        schema: 'certrebind/lab-switches/1',
        switches: shown.map((entry) => ({ ...entry, stands: switches[entry.name] })),
      };
      const moved = before === null ? null : movedText(name ?? '', before, position ?? '');
      shell.result(document, (_, look) => moved ?? tableOf(document.switches, look));
      return 0;
    }),
});

function movedText(name: string, before: string, now: string): string {
  if (before === now) return `The switch ${name} stands at ${now} already.`;
  return `The switch ${name} was moved: ${before} → ${now}.`;
}

type Shown = (typeof switchTable)[number] & { readonly stands: string };

function tableOf(shown: readonly Shown[], look: TerminalStyle): string {
  return renderTable(
    [
      { title: 'switch' },
      { title: 'stands' },
      { title: 'positions', flexible: true },
      { title: 'what for', flexible: true },
    ],
    shown.map((entry) => [entry.name, entry.stands, entry.positions.join(', '), entry.doc]),
    look,
  );
}

function noSuchSwitch(name: string, position: string | null): CertRebindError {
  const entry = switchTable.find((candidate) => candidate.name === name);
  if (entry !== undefined)
    return new CertRebindError('usage', {
      message: `The switch ${name} has no position ${JSON.stringify(position)}: it has ${entry.positions.join(', ')}.`,
    });
  const names = switchTable.map((candidate) => candidate.name);
  return new CertRebindError('usage', {
    message: `There is no switch ${JSON.stringify(name)}.${didYouMean(name, names)}`,
    hint: 'See certrebind lab switch.',
  });
}
