import type { ArgumentsCamelCase, Argv, Options } from 'yargs';
import { exitsLine } from './exits.ts';
import type { GlobalArguments } from './globals.ts';
import type { ServerSource } from './servers.ts';
import type { Shell } from './shell.ts';

/** A line of `--help`, and how to load the command once it is called. */
export interface CommandEntry {
  /** With its positional arguments, for example `apply <plan>`. */
  readonly usage: string;
  readonly summary: string;
  load(): Promise<Command>;
}

/** Commands that people look for together. */
export interface CommandGroup {
  readonly title: string;
  readonly commands: readonly CommandEntry[];
}

/** One of the two programs: which servers it can work on, and which commands it has. Told by the composition root. */
export interface Program {
  readonly servers: readonly ServerSource[];
  /** Options of this program only. */
  readonly options: Readonly<Record<string, Options>>;
  /** In the order of `--help`. */
  readonly groups: readonly CommandGroup[];
}

/** What a command takes, and what it does. */
export interface CommandSpec<A extends GlobalArguments> {
  /** Each a command line without the program's name, and what it does. */
  readonly examples: readonly (readonly [string, string])[];
  /** It changes nothing, so its help leaves out what only a change asks for and waits for. */
  readonly onlyLooks?: true;
  /** Declares its own arguments, where it has any. */
  build?(yargs: Argv<GlobalArguments>): Argv<A>;
  run(args: ArgumentsCamelCase<A>, invocation: Invocation): Promise<number>;
}

/** What every run of a command gets besides its arguments. */
export interface Invocation {
  readonly shell: Shell;
  /** The servers that this program can work on. */
  readonly servers: readonly ServerSource[];
}

/** A command, or a word with commands below it, whose argument type only the command itself knows. */
export type Command = (entry: CommandEntry, commandLine: CommandLine) => Promise<Registration>;

/** Teaches a parser one command. */
export type Registration = (yargs: Argv<GlobalArguments>) => Argv<GlobalArguments>;

/** What is asked for. */
export interface CommandLine {
  /** The word that these commands are below, for example `trigger`. */
  readonly above?: string;
  readonly words: readonly string[];
  /** Whether `--help` lists the commands; absent for yes. */
  readonly listed?: boolean;
  /** Called when a command was recognised and its arguments are right. */
  readonly perform: Perform;
}

export type Perform = (args: GlobalArguments, run: (invocation: Invocation) => Promise<number>) => Promise<void>;

/**
 * Teaches a parser these commands. Only commands whose name is on the command line are loaded, because no other can be
 * meant; of the rest the parser only gets the text for `--help` and completion.
 */
export async function registration(entries: readonly CommandEntry[], commandLine: CommandLine): Promise<Registration> {
  const registrations = await Promise.all(
    entries.map(async (entry): Promise<Registration> => {
      if (!commandLine.words.includes(nameOf(entry))) {
        const { usage, summary } = entry;
        return (yargs) => (commandLine.listed === false ? yargs.command(usage, false) : yargs.command(usage, summary));
      }
      const command = await entry.load();
      return command(entry, commandLine);
    }),
  );
  return (yargs) => registrations.reduce((grown, register) => register(grown), yargs);
}

export function defineCommand<A extends GlobalArguments>({
  examples,
  onlyLooks,
  build = (yargs) => yargs as Argv<A>,
  run,
}: CommandSpec<A>): Command {
  return async (entry, { above, perform }) => {
    const { usage, summary } = entry;
    const exits = exitsLine([...(above === undefined ? [] : [above]), nameOf(entry)].join(' '));
    return (yargs) =>
      yargs.command<A>(
        usage,
        summary,
        (own: Argv<GlobalArguments>) =>
          // Named here, its own options stand before the common ones in the help.
          build(
            (onlyLooks ? own.hide('yes').hide('wait') : own)
              .example(examples.map(([line, what]) => [`$0 ${line}`, what] as [string, string]))
              .epilogue(exits ?? ''),
          ).group([], 'Options:'),
        (args) => perform(args, (invocation) => run(args, invocation)),
      );
  };
}

/** A word such as `lab` with commands of its own below it. */
export function defineGroup(entries: readonly CommandEntry[]): Command {
  return async ({ usage, summary }, commandLine) => {
    const register = await registration(entries, { ...commandLine, above: usage });
    return (yargs) =>
      yargs.command<GlobalArguments>(usage, summary, (own: Argv<GlobalArguments>) =>
        register(own).demandCommand(1, `${usage} needs one of: ${entries.map(nameOf).join(', ')}.`),
      );
  };
}

/** The same of commands that stand beside it: each with its line of `--help`. */
export function groupOf(
  ...commands: readonly (readonly [usage: string, summary: string, command: Command])[]
): Command {
  return defineGroup(commands.map(([usage, summary, command]) => ({ usage, summary, load: async () => command })));
}

function nameOf({ usage }: CommandEntry): string {
  return usage.split(' ', 1)[0] ?? usage;
}
