import yargs, { type Argv } from 'yargs';
import { exits } from '../base/codes/exit-codes.ts';
import { CertRebindError } from '../base/errors.ts';
import { didYouMean, nearest } from '../base/nearest.ts';
import { quoted } from '../base/safe-text.ts';
import { type Perform, type Program, registration } from './command.ts';
import { type GlobalArguments, withGlobals } from './globals.ts';
import { lookOf, type Streams } from './output.ts';
import { flexible, renderTable } from './print/table.ts';
import { wrap } from './print/wrap.ts';
import { version } from './version.ts';

const widestHelp = 120;

const purpose =
  'Replaces an old certificate with its renewal in every IIS HTTPS binding, tests each binding, and rolls back what got worse.';

/**
 * Reads a command line and performs what it asks for. Help and completion are printed here.
 * @throws CertRebindError `usage` when it is not understood, with the nearest known word where there is one
 */
export async function parseAndPerform(
  program: Program,
  argv: readonly string[],
  streams: Streams,
  env: NodeJS.ProcessEnv,
  perform: Perform,
): Promise<void> {
  const commands = program.groups.flatMap((group) => group.commands);
  // The overview shows them by groups, in which the parser does not list them.
  const isOverview = argv[0] === '--help';
  const register = await registration(commands, { words: argv, perform, listed: !isOverview });
  const width = Math.min(widestHelp, lookOf(streams.stdout, env).width ?? widestHelp);
  const exitCodes = renderTable([{ title: 'exit', align: 'right' }, flexible('meaning')], Object.entries(exits), {
    width,
    colour: false,
  });
  const parser: Argv<GlobalArguments> = withGlobals(yargs(), program.options)
    .scriptName('certrebind')
    .usage(`$0 <command> [options]\n\n${purpose}`)
    .locale('en')
    .wrap(width)
    .parserConfiguration({
      'boolean-negation': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'duplicate-arguments-array': true,
      'populate--': true,
      'short-option-groups': false,
    })
    .version(version)
    .help()
    .epilogue(`Exit codes:\n${exitCodes}\n\ncertrebind explain <code> explains any code.`)
    .strict()
    .demandCommand(1, 'A command is missing.')
    .showHelpOnFail(false)
    .exitProcess(false)
    .middleware((args) => readFlags(args, argv, parser.parsed === false ? {} : parser.parsed.aliases), true)
    .check(once, true)
    .check(nothingAfterDashes, true)
    .fail((message, error: Error | null | undefined, usage) => {
      // Of most mistakes the parser only hands over a text; some, an option without its value among them, it throws.
      if (error && error.name !== 'YError') throw error;
      const help = String(usage.help());
      throw new CertRebindError('usage', {
        message: explained(error?.message ?? message, help, argv),
        hint: `See ${commandOf(help)} --help.`,
      });
    });
  const taught = register(parser);
  if (!isOverview) await taught.parseAsync(withEmptyOld(argv));
  else {
    const [head, ...rest] = (await taught.getHelp()).split(/^(?=Common options:)/m);
    streams.stdout.write(`${head}${overview(program, width)}\n\n${rest.join('')}\n`);
  }
}

/** `rebind --old --new …`: a client had nothing to write behind `--old`. */
function withEmptyOld(argv: readonly string[]): string[] {
  const at = argv[0] === 'rebind' ? argv.indexOf('--old') : -1;
  return at > 0 && argv[at + 1] === '--new' ? argv.toSpliced(at + 1, 0, '') : [...argv];
}

function overview({ groups }: Program, width: number): string {
  const lengths = groups.flatMap(({ commands }) => commands.map(({ usage }) => usage.length));
  const indent = Math.max(...lengths) + 4;
  return groups
    .map(({ title, commands }) => {
      const lines = commands.flatMap(({ usage, summary }) =>
        wrap([summary], Math.max(20, width - indent)).map(
          (line, at) => `${(at === 0 ? `  ${usage}` : '').padEnd(indent)}${line}`,
        ),
      );
      return [`${title}:`, ...lines].join('\n');
    })
    .join('\n\n');
}

/** The command whose help this is: `certrebind dismiss <what> [place]` without its arguments. */
function commandOf(help: string): string {
  const [usage = ''] = help.split('\n', 1);
  return /^\S+(?: [a-z][\w-]*)*/.exec(usage)?.[0] ?? 'certrebind';
}

/**
 * Reads options that are there or not once more, as they were typed: the parser takes every text but `true` for no, and the
 * last of two for both.
 */
function readFlags(
  args: Record<string, unknown>,
  argv: readonly string[],
  aliases: Readonly<Record<string, readonly string[]>>,
): void {
  const end = argv.indexOf('--');
  const seen = new Set<string>();
  for (const word of end < 0 ? argv : argv.slice(0, end)) {
    const [, name = '', text] = /^--?([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    // The parser lets one word of an option begin with a capital, and then knows two options.
    if (!isLowerCase(name))
      throw new CertRebindError('usage', {
        message: `There is no option ${option(name)}.${didYouMean(option(name), Object.keys(args).filter(isLowerCase).map(option))}`,
      });
    if (typeof args[name] !== 'boolean') continue;
    const names = [name, ...(aliases[name] ?? [])];
    if (names.some((each) => seen.has(each))) throw givenTwice(name);
    seen.add(name);
    if (text === undefined) continue;
    // The parser has looked for these before.
    if (name === 'help' || name === 'version')
      throw new CertRebindError('usage', { message: `${option(name)} takes no value.` });
    const says = answers.get(text.toLowerCase());
    if (says === undefined)
      throw new CertRebindError('usage', {
        message: `${quoted(text, 40)} is not valid for ${option(name)}. Valid values: ${[...answers.keys()].join(', ')}.`,
      });
    for (const each of names) args[each] = says;
  }
}

const answers: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
  ['yes', true],
  ['no', false],
  ['1', true],
  ['0', false],
]);

/** An option given twice is a mistake: which of two thumbprints is meant must not depend on their order. */
function once(args: Readonly<Record<string, unknown>>): true {
  for (const [name, value] of Object.entries(args))
    if (!['_', '--', 'values'].includes(name) && Array.isArray(value)) throw givenTwice(name);
  return true;
}

function isLowerCase(name: string): boolean {
  return name === name.toLowerCase();
}

function option(name: string): string {
  return `${name.length === 1 ? '-' : '--'}${name}`;
}

function givenTwice(name: string): CertRebindError {
  return new CertRebindError('usage', { message: `${option(name)} was given more than once.` });
}

/** A program of a trigger, or texts of a list that begin with a hyphen; anything else would be ignored silently. */
function nothingAfterDashes({ _: words, '--': rest }: Readonly<Record<string, unknown>>): true {
  const [group, command] = Array.isArray(words) ? words : [];
  if (!Array.isArray(rest) || rest.length === 0) return true;
  if (command === 'add' && (group === 'trigger' || group === 'config')) return true;
  if (command === 'remove' && group === 'config') return true;
  throw new CertRebindError('usage', { message: `Unexpected argument after --: ${String(rest[0])}.` });
}

/** Says more than the parser: the option that was probably meant, or that the word is an unknown command. */
function explained(message: string, help: string, argv: readonly string[]): string {
  const known = new Set([...help.matchAll(/^ +(?:-\w, +)?--([a-z][\w-]*)/gm)].map(([, name = '']) => name));
  const valueless = /^Not enough arguments following: (\S+)$/.exec(message)?.[1];
  if (valueless !== undefined) return `--${valueless} needs a value.`;
  if (message.startsWith('Not enough non-option arguments')) return `Missing argument: ${help.split('\n', 1)[0]}`;
  const required = /^Missing required arguments?: (.+)$/.exec(message)?.[1];
  if (required !== undefined)
    return `Missing option: ${required
      .split(', ')
      .map((name) => `--${name}`)
      .join(', ')}.`;
  const needs = /^Implications failed:\s+(\S+) -> (\S+)/.exec(message);
  if (needs !== null) return `--${needs[1]} needs --${needs[2]}.`;
  const exclusive = /^Arguments (\S+) and (\S+) are mutually exclusive$/.exec(message);
  if (exclusive !== null) return `Use --${exclusive[1]} or --${exclusive[2]}, not both.`;
  const invalid = /Argument: (\S+), Given: (.+), Choices: (.+)/.exec(message);
  if (invalid !== null)
    return `${invalid[2]} is not valid for ${known.has(invalid[1] ?? '') ? '--' : ''}${invalid[1]}. Valid values: ${invalid[3]?.replaceAll('"', '')}.`;
  const unknown = /^Unknown arguments?: ([^,]+)/.exec(message)?.[1];
  if (unknown === undefined) return message;
  const left = optionsThatLeft.get(`${commandOf(help)} --${unknown}`);
  if (left !== undefined) return `There is no --${unknown} any more. ${left}`;
  const typed = argv.find((word) => /^--?(\w[\w-]*)/.exec(word)?.[1] === unknown);
  if (typed !== undefined) {
    const meant = unknown.length < 3 ? null : nearest(unknown, known);
    return `There is no option ${typed.split('=', 1)[0]}.${meant === null ? '' : ` Did you mean --${meant}?`}`;
  }
  const words = [...help.matchAll(new RegExp(`^ {2}${commandOf(help)} ([a-z][\\w-]*)`, 'gm'))];
  if (words.length === 0) return `Unexpected argument: ${JSON.stringify(unknown)}.`;
  return `There is no command ${JSON.stringify(unknown)}.${didYouMean(
    unknown,
    words.map(([, word = '']) => word),
  )}`;
}

/** What stands in scripts of before, and what does the same now. */
const optionsThatLeft: ReadonlyMap<string, string> = new Map([
  ['certrebind capture --anonymise', 'Use --for-support: --replay takes that file too.'],
  ['certrebind capture --exact-times', 'A file of --for-support has days only.'],
  ['certrebind rehearse --thorough', 'A rehearsal measures nothing of Windows any more.'],
  ['certrebind history --timeline', 'certrebind history <run> says what a run did, and with --json all of it.'],
]);
