import type { Argv } from 'yargs';
import type { GlobalArguments } from '../command-line/globals.ts';
import { parseWantedServer, type WantedServer } from '../documents/dsc-server.ts';
import { CertRebindError } from '../text/errors.ts';

export interface InputArguments {
  readonly input: string | undefined;
}

export function withInput(yargs: Argv<GlobalArguments>): Argv<GlobalArguments & InputArguments> {
  return yargs.option('input', {
    type: 'string',
    requiresArg: true,
    describe: 'The wanted state as JSON. Default: read stdin',
  });
}

/**
 * The wanted state, from `--input` or from stdin.
 * @throws CertRebindError `usage` when nothing came, `bad-document`, `bad-configuration`
 */
export async function readWanted({ input }: InputArguments): Promise<WantedServer> {
  const where = input === undefined ? 'stdin' : '--input';
  const text = input ?? (await readStdin());
  // Reading empty input as "enable everything" would be a dangerous guess.
  if (text.trim() === '')
    throw new CertRebindError('usage', { message: 'No state was given, with --input or on stdin.', where });
  return parseWantedServer(text, where);
}

/** More than any state needs. */
const longestInput = 1_000_000;

async function readStdin(): Promise<string> {
  if (process.stdin.isTTY) return '';
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > longestInput)
      throw new CertRebindError('bad-document', { message: `stdin is longer than ${longestInput} characters.` });
  }
  return text;
}
