import type { Argv, Options } from 'yargs';

/** Options that every command takes. */
export interface GlobalArguments {
  readonly json: boolean;
  readonly full: boolean;
  readonly progress: string | undefined;
  readonly server: string | undefined;
  readonly replay: string | undefined;
  /** Only the program with the lab knows this one. */
  readonly lab?: string | undefined;
  readonly config: string | undefined;
  readonly state: string | undefined;
  readonly yes: boolean;
  readonly wait: boolean;
  readonly debug: boolean;
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
  return yargs
    .option('json', { type: 'boolean', default: false, describe: 'Print one JSON document' })
    .option('full', { type: 'boolean', default: false, describe: 'Do not shorten lists and tables' })
    .option('progress', { choices: ['json'], requiresArg: true, describe: 'Progress as JSON lines on stderr' })
    .option('server', { type: 'string', requiresArg: true, describe: 'The kind of server to work on' })
    .option('replay', { type: 'string', requiresArg: true, describe: 'A captured server, read only' })
    .option('config', { type: 'string', requiresArg: true, describe: 'The configuration file' })
    .option('state', { type: 'string', requiresArg: true, describe: 'The state folder' })
    .option('yes', { alias: 'y', type: 'boolean', default: false, describe: 'Assume yes to all prompts' })
    .option('wait', { type: 'boolean', default: false, describe: 'Wait for another run to finish' })
    .option('debug', { type: 'boolean', default: false, describe: 'Show where an error came from' })
    .group(
      [
        'json',
        'full',
        'progress',
        'server',
        'replay',
        ...Object.keys(more),
        'config',
        'state',
        'yes',
        'wait',
        'debug',
        'version',
        'help',
      ],
      'Common options:',
    );
}
