import type { Invocation, Program } from '../shell/command.ts';
import { defaults, type GlobalArguments } from '../shell/globals.ts';
import { asciiJson, printError, type Streams, tolerateClosedPipes } from '../shell/output.ts';
import { openShell, systemError } from '../shell/shell.ts';
import { version } from '../shell/version.ts';

/**
 * Runs one command line to its end and returns the exit code. `--version` and what tasks start are recognised before any
 * parser is loaded: the first for speed, the others because what a task hands over must be exactly what it should be.
 */
export async function main(
  program: Program,
  typed: readonly string[],
  streams: Streams = process,
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  tolerateClosedPipes(streams);
  const argv = plainWords(typed);
  if (argv.length === 1 && argv[0] === '--version') {
    streams.stdout.write(`${version}\n`);
    return 0;
  }
  // How to print an error before the parser has understood, or because it has not understood, the command line.
  let options: GlobalArguments = { ...defaults, json: argv.some(asksForJson), debug: argv.includes('--debug') };
  let clear = () => {};
  const invocation = (args: GlobalArguments): Invocation => {
    options = args;
    const shell = openShell(args, streams, env);
    clear = shell.progress.clear;
    return { shell, servers: program.servers };
  };
  try {
    const [first, ...rest] = argv;
    const isForHelp = rest[0] === '--help';
    if (first === 'on-event' && !isForHelp)
      return await (await import('./rebind/on-event.ts')).onEvent(rest, invocation(defaults));
    if (first === 'trigger-run' && !isForHelp)
      return await (await import('./trigger/run-command.ts')).triggerRun(rest, invocation(defaults));
    if (first === 'prove') return await (await import('./setup/prove.ts')).prove(rest, invocation(defaults));
    if (first === 'read-source') {
      const { answerSource } = await import('../server/read-source.ts');
      await answerSource(rest[0] ?? '', process.stdin, (answer) => streams.stdout.write(`${asciiJson(answer)}\n`));
      return 0;
    }
    if (first === '--get-yargs-completions') {
      const { completedSetting } = await import('./completion.ts');
      const offers = completedSetting(rest);
      if (offers !== null) {
        streams.stdout.write(offers.map((line) => `${line}\n`).join(''));
        return 0;
      }
    }
    let exitCode = 0;
    const { parseAndPerform } = await import('../shell/command-line.ts');
    await parseAndPerform(program, argv, streams, env, async (args, run) => {
      exitCode = await run(invocation(args));
    });
    return exitCode;
  } catch (thrown) {
    clear();
    return printError(systemError(thrown), options, streams, env);
  }
}

/** What people try first: help and version in the words of other programs, and nothing at all. */
function plainWords(typed: readonly string[]): readonly string[] {
  const [first, ...rest] = typed;
  if (first === undefined) return ['--help'];
  if (first === 'version' && rest.length === 0) return ['--version'];
  if (first === 'help') return [...rest, '--help'];
  const end = typed.indexOf('--');
  return typed.map((word, place) => (questions.includes(word) && (end < 0 || place < end) ? '--help' : word));
}

function asksForJson(word: string): boolean {
  return /^--json(?:=(?:true|yes|1))?$/i.test(word);
}

const questions: readonly string[] = ['-?', '/?', '-h'];
