import type { Argv, InferredOptionTypes, Options } from 'yargs';
import { argument, flag } from './options.ts';

/** Those of one program stand between these and the others. */
const optionsBefore = {
  json: flag('Print one JSON document'),
  full: flag('Do not shorten lists and tables'),
  progress: { choices: ['json'], requiresArg: true, describe: 'Progress as JSON lines on stderr' },
  server: argument('The kind of server to work on'),
  replay: argument('A captured server, read only'),
} as const satisfies Record<string, Options>;

const optionsAfter = {
  config: argument('The configuration file'),
  state: argument('The state folder'),
  yes: { alias: 'y', ...flag('Assume yes to all prompts') },
  wait: flag('Wait for another run to finish'),
  debug: flag('Show where an error came from'),
} as const satisfies Record<string, Options>;

/** Options that every command takes. */
export interface GlobalArguments
  extends Readonly<InferredOptionTypes<typeof optionsBefore>>,
    Readonly<InferredOptionTypes<typeof optionsAfter>> {
  /** Only the program with the lab knows this one. */
  readonly lab?: string | undefined;
}

/** The values used without a command line, as in `on-event`. */
export const defaults: GlobalArguments = {
  json: false,
  full: false,
  progress: undefined,
  server: undefined,
  replay: undefined,
  config: undefined,
  state: undefined,
  yes: false,
  wait: false,
  debug: false,
};

/** Declares the global options; `more` are those of one program only. */
export function withGlobals(yargs: Argv, more: Readonly<Record<string, Options>>): Argv<GlobalArguments> {
  // A program's own options are known by name only to those who read them; their types would hide the common ones.
  yargs.options(more);
  const names = Object.keys({ ...optionsBefore, ...more, ...optionsAfter });
  return yargs.options({ ...optionsBefore, ...optionsAfter }).group([...names, 'version', 'help'], 'Common options:');
}
