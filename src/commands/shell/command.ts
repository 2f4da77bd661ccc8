import type { ArgumentsCamelCase, Argv } from 'yargs';
import type { ServerSource } from '../session/servers.ts';
import type { GlobalArguments } from './globals.ts';
import type { Shell } from './shell.ts';

/** One command: what `--help` says of it, and what it does. */
export interface CommandSpec<A extends GlobalArguments> {
  /** With its positional arguments, for example `apply <plan>`. */
  readonly usage: string;
  readonly summary: string;
  /** Each a command line without the program's name, and what it does. */
  readonly examples: readonly (readonly [string, string])[];
  build(yargs: Argv<GlobalArguments>): Argv<A>;
  run(args: ArgumentsCamelCase<A>, invocation: Invocation): Promise<number>;
}

/** What is there for every run of a command beside its arguments. */
export interface Invocation {
  readonly shell: Shell;
  /** The servers that this program can work on. */
  readonly servers: readonly ServerSource[];
}

/** A command whose argument type is known to nobody but itself. */
export interface Command {
  readonly name: string;
  register(yargs: Argv<GlobalArguments>, perform: Perform): Argv<GlobalArguments>;
}

/** Called when a command was recognised and its arguments are right. */
export type Perform = (args: GlobalArguments, run: (invocation: Invocation) => Promise<number>) => Promise<void>;

export function defineCommand<A extends GlobalArguments>(spec: CommandSpec<A>): Command {
  const name = spec.usage.split(' ', 1)[0] ?? '';
  return {
    name,
    register(yargs, perform) {
      return yargs.command<A>(
        spec.usage,
        spec.summary,
        (own: Argv<GlobalArguments>) =>
          spec.build(own.example(spec.examples.map(([line, what]) => [`$0 ${line}`, what] as [string, string]))),
        (args) => perform(args, (invocation) => spec.run(args, invocation)),
      );
    },
  };
}

/** A word such as `lab` with commands of its own below it. */
export function defineGroup(spec: {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly Command[];
}): Command {
  return {
    name: spec.name,
    register(yargs, perform) {
      return yargs.command<GlobalArguments>(spec.name, spec.summary, (own: Argv<GlobalArguments>) =>
        spec.commands
          .reduce((grown, command) => command.register(grown, perform), own)
          .demandCommand(1, `Name what ${spec.name} is to do.`),
      );
    },
  };
}
