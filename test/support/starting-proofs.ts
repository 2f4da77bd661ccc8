import { proofTaskPrefix } from '../../src/documents/proof.ts';
import { labAround } from '../../src/lab/servers/lab.ts';
import { parseTask } from '../../src/model/windows/task.ts';
import type { Change, Server } from '../../src/server/server.ts';
import type { RunningProgram } from '../../src/shell/running-program.ts';
import type { ServerSource } from '../../src/shell/servers.ts';
import { perform } from '../security/program.ts';

export interface StartingProofs {
  /** What stands between the command and the server. */
  readonly wrap?: (server: Server) => Server;
  /** How long a start is waited for. Whatever starts here has ended before the first look. */
  readonly startMs?: number;
  /** Whether the program that a task names can be started; always when absent. */
  readonly works?: (command: string) => boolean;
}

/**
 * A lab that nobody serves, whose Task Scheduler carries out proofs all the same: it runs the real `prove` in this
 * process, as the program that the task names.
 */
export function startingProofs(
  running: RunningProgram,
  { wrap = (server) => server, works = () => true, startMs = 0 }: StartingProofs = {},
): ServerSource {
  const source = labAround(running);
  return {
    ...source,
    async open(choice, env) {
      const opened = await source.open(choice, env);
      const { server, home } = opened;
      const lab = choice.lab ?? env.CERTREBIND_LAB ?? '';
      const starting: Server = {
        ...server,
        startsTasks: true,
        async change(changes) {
          const reports = await server.change(changes);
          for (const change of changes) if (home !== null) await start(server, change, { lab, running, works });
          return reports;
        },
      };
      return { ...opened, server: wrap(starting), proofPatience: { startMs, answerMs: 60_000 } };
    },
  };
}

async function start(
  server: Server,
  change: Change,
  {
    lab,
    running,
    works,
  }: { readonly lab: string; readonly running: RunningProgram; readonly works: (command: string) => boolean },
): Promise<void> {
  if (change.do !== 'start-task' || !change.name.startsWith(proofTaskPrefix)) return;
  const task = (await server.tasks()).find(({ name }) => name === change.name);
  const [action] = task === undefined ? [] : parseTask(task.xml).actions;
  const command = action?.command ?? '';
  if (!works(command)) return;
  const words = (action?.arguments ?? '').split(' ');
  await perform(words, { file: command, packaged: running.packaged }, { CERTREBIND_LAB: lab });
}
