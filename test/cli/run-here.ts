import { PassThrough } from 'node:stream';
import { commandGroups } from '../../src/commands/catalogue.ts';
import { main } from '../../src/commands/main.ts';
import { labAround } from '../../src/lab/servers/lab.ts';
import { windowsOrLabAround } from '../../src/lab/servers/windows-lab.ts';
import { replay } from '../../src/session/servers/replay.ts';
import type { Program } from '../../src/shell/command.ts';
import { checkExit } from './check-exit.ts';
import { watchWritten } from './check-written.ts';
import { type Ended, labProgram, printedBy } from './run-program.ts';

/** What is installed and started as tasks. */
const built = { file: labProgram, packaged: false };

/** As src/cli-lab.ts has it. */
export const program: Program = {
  servers: [replay, windowsOrLabAround(built), labAround(built)],
  options: { lab: { type: 'string', requiresArg: true, describe: 'The folder of a lab server' } },
  groups: [
    ...commandGroups,
    {
      title: 'Without a server',
      commands: [
        {
          usage: 'lab',
          summary: 'Make, run and disturb a lab server',
          load: async () => (await import('../../src/lab/commands/catalogue.ts')).lab,
        },
      ],
    },
  ],
};

/**
 * Runs a command line of the program with the lab in this process, which has no terminal: the start of a process is most of
 * what a short command takes.
 */
export async function runHere(args: readonly string[]): Promise<Ended> {
  process.stdin.isTTY = false;
  const checkWritten = watchWritten(args);
  const { exitCode, stdout, stderr } = await runMain(program, args, {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    TZ: 'UTC',
  });
  checkExit(args, exitCode);
  checkWritten();
  return { exitCode, signal: null, stdout, stderr };
}

/** The same with `--json`, and the one document on stdout. */
export async function jsonHere(args: readonly string[]) {
  return printedBy(await runHere([...args, '--json']));
}

/** What a program writes and ends with in this process, with nothing but `env` around it. */
export async function runMain(
  program: Program,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }> {
  const signals = (['SIGINT', 'SIGTERM'] as const).map((signal) => ({ signal, before: process.listeners(signal) }));
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const texts = [collected(stdout), collected(stderr)];
  // Nothing but writing is asked of a stream that is no terminal.
  const streams = { stdout, stderr } as unknown as Parameters<typeof main>[2];
  const exitCode = await main(program, args, streams, env);
  // A process that ends takes those with it by which it waited to be interrupted.
  for (const { signal, before } of signals)
    for (const listener of process.listeners(signal)) if (!before.includes(listener)) process.off(signal, listener);
  stdout.end();
  stderr.end();
  const [out = '', err = ''] = await Promise.all(texts);
  return { exitCode, stdout: out, stderr: err };
}

async function collected(stream: PassThrough): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
