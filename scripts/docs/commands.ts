import type { Argv, Options } from 'yargs';
import { commandGroups } from '../../src/commands/catalogue.ts';
import { registration } from '../../src/shell/command.ts';
import { commandExits } from '../../src/shell/exits.ts';
import { type GlobalArguments, withGlobals } from '../../src/shell/globals.ts';

/** What a command tells the parser of itself: the same that `--help` prints. */
export interface CommandHelp {
  /** With the words above it and its arguments, for example `trigger remove <id>`. */
  readonly usage: string;
  readonly summary: string;
  readonly positionals: readonly (readonly [string, Options])[];
  readonly options: readonly (readonly [string, Options])[];
  /** Each a command line, and what it does. */
  readonly examples: readonly (readonly [string, string])[];
  /** The commands below a word such as `trigger`. */
  readonly below: readonly CommandHelp[];
}

/** Every command of the program for servers. */
export async function commandHelp(): Promise<readonly CommandHelp[]> {
  const told = listening('');
  const register = await registration(
    commandGroups.flatMap((group) => group.commands),
    { words: new EveryWord(), perform: async () => {} },
  );
  register(told.parser);
  return told.help().below;
}

/** The options that every command takes. */
export function commonOptions(): CommandHelp['options'] {
  const told = listening('');
  withGlobals(told.parser, {});
  return told.help().options;
}

/** The reference in docs/commands.md. */
export async function commandsMarkdown(): Promise<string> {
  const known = await commandHelp();
  return [
    `### Options that every command takes\n\n${commonOptions().map(optionLine).join('\n')}`,
    ...known.flatMap((command) => [command, ...command.below]).map(section),
    '### Exit codes\n\n[What they mean](events.md#exit-codes) in general; a command that means more by one says so above. Every command can also end with 1.',
  ].join('\n\n');
}

function section({ usage, summary, positionals, options, examples, below }: CommandHelp): string {
  const parts = [`### certrebind ${usage.replace(/ [<[].*/, '')}`, '', `${summary}.`];
  if (below.length === 0)
    parts.push('', '```text', `certrebind ${usage}${options.length > 0 ? ' [options]' : ''}`, '```');
  if (positionals.length + options.length > 0)
    parts.push('', ...positionals.map(([name, spec]) => `- \`${name}\`: ${said(spec)}`), ...options.map(optionLine));
  const exits = Object.entries(commandExits[usage.replace(/ [<[].*/, '')] ?? {}).filter(isOfThisCommand);
  if (exits.length > 0) parts.push('', exits.map(([code, meaning]) => `Exit ${code}: ${meaning}`).join(' '));
  const shown = examples.slice(0, 2);
  if (shown.length > 0) parts.push('', '```text', ...exampleLines(shown), '```');
  return parts.join('\n');
}

function optionLine([name, spec]: readonly [string, Options]): string {
  const value = spec.type === 'boolean' ? '' : ' <value>';
  const alias = typeof spec.alias === 'string' ? `, \`-${spec.alias}\`` : '';
  return `- \`--${name}${value}\`${alias}: ${said(spec)}`;
}

/** Of the exits besides success those that mean something else than at most commands. */
function isOfThisCommand([code, meaning]: readonly [string, string]): boolean {
  const sharing = Object.values(commandExits).filter((exits) => Object.values(exits).includes(meaning));
  return code !== '0' && sharing.length <= 3;
}

function exampleLines(examples: CommandHelp['examples']): readonly string[] {
  const lines = examples.map(([line]) => line.replace('$0', 'certrebind'));
  const width = Math.max(...lines.map((line) => line.length));
  return examples.map(([, what], at) => `${lines[at]?.padEnd(width)}  # ${what}`);
}

function said({ describe = '', choices = [], default: preset, demandOption }: Options): string {
  const values = choices.length === 0 ? '' : ` One of ${choices.map((choice) => `\`${choice}\``).join(', ')}.`;
  const otherwise = preset === undefined || preset === false ? '' : ` Default: \`${preset}\`.`;
  const needed = demandOption === true ? ' Required.' : '';
  return `${describe.replace(/\.$/, '').replaceAll('<', '&lt;')}.${values}${otherwise}${needed}`;
}

/** So that every command is loaded, as if its name stood on the command line. */
class EveryWord extends Array<string> {
  override includes(): boolean {
    return true;
  }
}

/** A parser that parses nothing and remembers what it is taught. */
function listening(above: string) {
  const positionals: [string, Options][] = [];
  const options: [string, Options][] = [];
  const examples: (readonly [string, string])[] = [];
  const below: CommandHelp[] = [];
  const methods: Readonly<Record<string, (...args: never[]) => unknown>> = {
    option: (name: string, spec: Options) => options.push([name, spec]),
    options: (specs: Readonly<Record<string, Options>>) => options.push(...Object.entries(specs)),
    positional: (name: string, spec: Options) => positionals.push([name, spec]),
    example: (lines: readonly (readonly [string, string])[]) => examples.push(...lines),
    command: (usage: string, summary: string, build: (yargs: Argv<GlobalArguments>) => unknown) => {
      const inner = listening(`${above}${usage.split(' ', 1)[0]} `);
      build(inner.parser);
      below.push({ ...inner.help(), usage: `${above}${usage}`, summary });
    },
  };
  const parser: Argv<GlobalArguments> = new Proxy({} as Argv<GlobalArguments>, {
    get:
      (_target, name) =>
      (...args: never[]) => {
        methods[String(name)]?.(...args);
        return parser;
      },
  });
  const help = (): CommandHelp => ({ usage: above.trim(), summary: '', positionals, options, examples, below });
  return { parser, help };
}
