import assert from 'node:assert/strict';
import sinon from 'sinon';
import type { CertRebindError } from '../../src/base/errors.ts';
import { parseAndPerform } from '../../src/shell/command-line.ts';
import type { GlobalArguments } from '../../src/shell/globals.ts';
import { program } from './run-here.ts';

/** What a person or a shell writes behind `=`, and what it says; `null` for what is refused. */
const texts: readonly (readonly [text: string, says: boolean | null])[] = [
  ['true', true],
  ['True', true],
  ['YES', true],
  ['1', true],
  ['false', false],
  ['No', false],
  ['0', false],
  ['maybe', null],
  ['', null],
  ['2', null],
];

interface CommandHelp {
  /** The words that call it, with a word for each argument that it needs. */
  readonly words: readonly string[];
  readonly flags: readonly string[];
}

describe('an option that is there or not', () => {
  const commands: CommandHelp[] = [];
  before(async () => commands.push(...(await everyCommand())));

  for (const [text, says] of texts)
    it(`${says === null ? 'is refused' : `is ${says}`} with =${text}, in every command`, async () => {
      // What is right can stand on one line, and is read faster.
      for (const { words, flags } of commands)
        for (const together of says === null ? flags.map((flag) => [flag]) : [flags]) {
          const given = [...words, ...together.map((flag) => `--${flag}=${text}`)];
          const { refused, args } = await parsed(given);
          if (says === null)
            assert.equal(refused.split('. ')[0], `"${text}" is not valid for --${together[0]}`, given.join(' '));
          else assert.deepEqual([refused, ...together.map((flag) => args?.[flag])], ['', ...together.map(() => says)]);
        }
    });

  it('is refused where it is given twice, whatever it says', async () => {
    for (const { words, flags } of commands)
      for (const flag of flags)
        for (const again of [`--${flag}`, `--${flag}=false`]) {
          const { refused } = await parsed([...words, `--${flag}`, again]);
          assert.equal(refused, `--${flag} was given more than once.`, words.join(' '));
        }
  });

  it('is found in the help of every command, or nothing above holds it', () => {
    assert.ok(commands.length >= 40, String(commands.length));
    for (const { words, flags } of commands) assert.ok(flags.includes('json'), words.join(' '));
    assert.ok(commands.some(({ flags }) => flags.includes('yes')));
    assert.ok(commands.some(({ flags }) => flags.some((flag) => flag.startsWith('no-'))));
  });
});

/** As their help shows them. */
async function everyCommand(): Promise<readonly CommandHelp[]> {
  const found: CommandHelp[] = [];
  const usages = program.groups.flatMap((group) => group.commands.map(({ usage }) => usage));
  for (let usage = usages.shift(); usage !== undefined; usage = usages.shift()) {
    const words = usage.split(/ [<[]/, 1)[0]?.split(' ') ?? [];
    const text = await helpOf(words);
    const [, below] = /^Commands:$(.*?)^$/ms.exec(text) ?? [];
    if (below !== undefined)
      usages.push(...[...below.matchAll(/^ {2}certrebind ([^A-Z]+?)(?: {2}|$)/gm)].map(([, line = '']) => line));
    else found.push(readHelp([...words, ...(usage.match(/<\w+(?:\.\.)?>/g) ?? []).map(() => 'x')], text));
  }
  return found;
}

function readHelp(words: readonly string[], text: string): CommandHelp {
  const options = text.split(/^ {2}(?=(?:[ -].{0,5})?--)/m).slice(1);
  const nameIn = (option: string) => /--([a-z][\w-]*)/.exec(option)?.[1] ?? '';
  const required = options.filter((option) => option.includes('[required]'));
  return {
    words: [
      ...words,
      ...required.flatMap((option) => [`--${nameIn(option)}`, /choices: "([^"]+)"/.exec(option)?.[1] ?? 'x']),
    ],
    flags: options
      .filter((option) => option.includes('[boolean]'))
      .map(nameIn)
      .filter((flag) => flag !== 'help' && flag !== 'version'),
  };
}

/** The parser prints it itself. */
async function helpOf(words: readonly string[]): Promise<string> {
  const log = sinon.stub(console, 'log');
  try {
    await parseAndPerform(program, [...words, '--help'], process, {}, async () => {});
    return log.args.flat().join('\n');
  } finally {
    log.restore();
  }
}

async function parsed(
  words: readonly string[],
): Promise<{ readonly refused: string; readonly args?: Record<string, unknown> }> {
  let args: GlobalArguments | undefined;
  try {
    await parseAndPerform(program, words, process, {}, async (given) => {
      args = given;
    });
  } catch (error) {
    return { refused: (error as CertRebindError).message };
  }
  return { refused: '', args: { ...args } };
}
