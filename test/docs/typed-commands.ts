import { commandHelp, commonOptions } from '../../scripts/docs/commands.ts';

/** What is wrong with a command line without the name of the program: a command or an option that there is not. */
export async function mistakesIn(line: string): Promise<readonly string[]> {
  const known = (await commandHelp()).flatMap((command) => [command, ...command.below]);
  const command = known.findLast(({ usage }) => `${line} `.startsWith(`${usage.replace(/ [<[].*/, '')} `));
  if (command === undefined) return [`there is no command ${line}`];
  const options = [...command.options, ...commonOptions()].map(([name]) => `--${name}`);
  return line.split(' ').filter((word) => word.startsWith('--') && !options.includes(word));
}
