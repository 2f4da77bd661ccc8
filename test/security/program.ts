import { commandGroups } from '../../src/commands/catalogue.ts';
import { labAround } from '../../src/lab/servers/lab.ts';
import { replay } from '../../src/session/servers/replay.ts';
import type { Program } from '../../src/shell/command.ts';
import type { RunningProgram } from '../../src/shell/running-program.ts';
import type { ServerSource } from '../../src/shell/servers.ts';
import { watchWritten } from '../cli/check-written.ts';
import { runMain } from '../cli/run-here.ts';

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
    groups: commandGroups,
  };
  const checkWritten = watchWritten(argv);
  const { exitCode, stdout, stderr } = await runMain(program, argv, env);
  checkWritten();
  return { exitCode, stdout, stderr, document: argv.includes('--json') ? JSON.parse(stdout) : null };
}
