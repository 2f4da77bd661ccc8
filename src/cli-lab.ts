import { commands } from './commands/catalogue.ts';
import { lab } from './commands/servers/lab.ts';
import { replay } from './commands/servers/replay.ts';
import { windowsOrLab } from './commands/servers/windows-lab.ts';
import { main } from './commands/shell/main.ts';
import type { Program } from './commands/shell/program.ts';

/** The same program with the lab: the Linux binary, the demo and the tests. */
const program: Program = {
  servers: [replay, windowsOrLab, lab],
  options: {
    lab: { type: 'string', requiresArg: true, describe: 'The folder of a lab server' },
  },
  commands: [
    ...commands,
    {
      usage: 'lab',
      summary: 'Make, run and disturb a lab server',
      load: async () => (await import('./commands/lab/catalogue.ts')).lab,
    },
  ],
};

main(program, process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
});
