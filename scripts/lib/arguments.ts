// What a script was told on its command line. What it does not take ends it before anything is touched: one line, exit 2;
// --help ends it with what it takes.

import { parseArgs } from 'node:util';

/** All but the first two end the script where what was told is none of what they read. */
export interface Arguments {
  /** What is no option. */
  readonly words: readonly string[];
  has(flag: string): boolean;
  /** What an option was given, each time that it was. */
  texts(option: string): readonly string[];
  /** Above 0. */
  number<Otherwise>(option: string, otherwise: Otherwise): number | Otherwise;
  /** Above 0. */
  whole<Otherwise>(option: string, otherwise: Otherwise): number | Otherwise;
  /** These names, which have to be among those that there are; all of them where none is named. */
  among(known: readonly string[], names: readonly string[]): readonly string[];
}

const OPTION = /--([\w-]+)( N\b| <[^>]+>)?/g;

/**
 * Reads the command line of the script that runs.
 * @param usage the script as in `npm run <script>`, and what it takes: options, with `N` or `<what>` behind those that take a
 * value, and what else can stand there
 */
export function readArguments(usage: string, args = process.argv.slice(2)): Arguments {
  const [script = '', ...takes] = usage.split(' ');
  const taken = takes.length === 0 ? 'nothing' : takes.join(' ');
  if (args.includes('--help')) {
    console.log(`npm run ${script} takes ${taken}`);
    process.exit(0);
  }
  const refuse = (problem: string): never => {
    console.error(`npm run ${script}: ${problem}; it takes ${taken}`);
    process.exit(2);
  };
  const { values, positionals } = parsed(takes.join(' '), args, refuse);
  const told = (option: string) => {
    if (!takes.some((one) => `${one}]`.includes(`${option}]`)))
      throw new TypeError(`npm run ${script} takes no ${option}`);
    return values[option.slice(2)];
  };
  const texts = (option: string) => [told(option) ?? []].flat().map(String);
  const number = <Otherwise>(option: string, otherwise: Otherwise, isMeant = Number.isFinite, whole = '') => {
    const text = texts(option).at(-1);
    if (text === undefined) return otherwise;
    if (Number(text) > 0 && isMeant(Number(text))) return Number(text);
    return refuse(`${option} takes a ${whole}number above 0, not "${text}"`);
  };
  return {
    words: positionals,
    has: (flag) => told(flag) === true,
    texts,
    number: (option, otherwise) => number(option, otherwise),
    whole: (option, otherwise) => number(option, otherwise, Number.isInteger, 'whole '),
    among(known, names) {
      const unknown = names.find((name) => !known.includes(name));
      if (unknown !== undefined) refuse(`There is no "${unknown}" among ${known.join(', ')}`);
      return names.length === 0 ? known : names;
    },
  };
}

function parsed(takes: string, args: string[], refuse: (problem: string) => never) {
  const options = Array.from(takes.matchAll(OPTION), ([, name = '', value]) => {
    const option = value === undefined ? ({ type: 'boolean' } as const) : ({ type: 'string', multiple: true } as const);
    return [name, option] as const;
  });
  const allowPositionals = /\w/.test(takes.replaceAll(OPTION, ''));
  try {
    return parseArgs({ args, options: Object.fromEntries(options), allowPositionals });
  } catch (error) {
    const isNodes = error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
    if (!isNodes) throw error;
    // Of Node's own words the first sentence: the others are about something else.
    return refuse((error.message.split(/\.\s|\n/)[0] ?? '').replace(/\.$/, ''));
  }
}
