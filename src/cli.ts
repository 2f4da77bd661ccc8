import { commandGroups } from './commands/catalogue.ts';
import { main } from './commands/main.ts';
import { replay } from './session/servers/replay.ts';
import { windows } from './session/servers/windows.ts';
import type { Program } from './shell/command.ts';

/** The executable of a Windows server: nothing of the lab is in it. */
const program: Program = {
  servers: [replay, windows],
  options: {},
  groups: commandGroups,
};

main(program, process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
});
