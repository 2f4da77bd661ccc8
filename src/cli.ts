import { commands } from './commands/catalogue.ts';
import { replay } from './commands/servers/replay.ts';
import { windows } from './commands/servers/windows.ts';
import { main } from './commands/shell/main.ts';
import type { Program } from './commands/shell/program.ts';

/** The executable of a Windows server: nothing of the lab is in it. */
const program: Program = {
  servers: [replay, windows],
  options: {},
  commands,
};

main(program, process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
});
