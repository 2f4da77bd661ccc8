import { lab } from './commands/servers/lab.ts';
import { replay } from './commands/servers/replay.ts';
import { windowsOrLab } from './commands/servers/windows-lab.ts';
import { main } from './commands/shell/main.ts';
import type { Program } from './commands/shell/program.ts';

/** The same program with the lab: the Linux binary, the demo and the tests. */
const program: Program = {
  servers: [replay, windowsOrLab, lab],
  options: {
    lab: { type: 'string', requiresArg: true, normalize: true, describe: 'The folder of a lab server' },
  },
  async commands() {
    const [{ commands }, { labCommands }] = await Promise.all([
      import('./commands/catalogue.ts'),
      import('./commands/lab/catalogue.ts'),
    ]);
    return [...commands, labCommands];
  },
};

main(program, process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
});
