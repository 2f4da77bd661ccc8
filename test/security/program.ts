import { PassThrough } from 'node:stream';
import { commands } from '../../src/commands/catalogue.ts';
import { labAround } from '../../src/commands/servers/lab.ts';
import { replay } from '../../src/commands/servers/replay.ts';
import type { RunningProgram } from '../../src/commands/session/running-program.ts';
import type { ServerSource } from '../../src/commands/session/servers.ts';
import { main } from '../../src/commands/shell/main.ts';
import type { Program } from '../../src/commands/shell/program.ts';

export interface Performed {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the contract says is there
  readonly document: any;
}

/** The program in this process, as if it were the one that `running` names, with nothing but `env` around it. */
export async function perform(
  argv: readonly string[],
  running?: RunningProgram,
  env: NodeJS.ProcessEnv = {},
  lab: ServerSource = labAround(running),
): Promise<Performed> {
  const program: Program = {
    servers: [replay, lab],
    options: { lab: { type: 'string', requiresArg: true, normalize: true } },
    commands,
  };
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const texts = [collected(stdout), collected(stderr)];
  // Nothing but writing is asked of a stream that is no terminal.
  const streams = { stdout, stderr } as unknown as Parameters<typeof main>[2];
  const exitCode = await main(program, argv, streams, env);
  stdout.end();
  stderr.end();
  const [out = '', err = ''] = await Promise.all(texts);
  return { exitCode, stdout: out, stderr: err, document: argv.includes('--json') ? JSON.parse(out) : null };
}

async function collected(stream: PassThrough): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
