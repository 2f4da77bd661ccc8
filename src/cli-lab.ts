import { commandGroups } from './commands/catalogue.ts';
import { main } from './commands/main.ts';
import { lab } from './lab/servers/lab.ts';
import { windowsOrLab } from './lab/servers/windows-lab.ts';
import { replay } from './session/servers/replay.ts';
import type { Program } from './shell/command.ts';
import { argument } from './shell/options.ts';

/** The same program with the lab: the Linux binary, the demo and the tests. */
const program: Program = {
  servers: [replay, windowsOrLab, lab],
  options: {
    lab: argument('The folder of a lab server'),
  },
  groups: [
    ...commandGroups,
    {
      title: 'Without a server',
      commands: [
        {
          usage: 'lab',
          summary: 'Make, run and disturb a lab server',
          load: async () => (await import('./lab/commands/catalogue.ts')).lab,
        },
      ],
    },
  ],
};

main(program, process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
});
