import { rebindTaskName, taskFolder } from '../model/rebind-tasks.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Status } from '../model/status.ts';
import { parseTask } from '../model/task.ts';
import { statusOf } from '../plan/server-status.ts';
import { statusText } from '../report/status.ts';
import { readSnapshot } from '../server/server.ts';
import { defineCommand } from './shell/command.ts';
import { type Session, withServer } from './shell/session.ts';
import { expectedTasks } from './shell/tasks.ts';

export const status = defineCommand({
  usage: 'status',
  summary: 'Whether certificate rebind is on, what is pending, and what became of the last run',
  examples: [
    ['status', 'For people'],
    ['status --check', 'Exit 9 when something is not as it should be'],
  ],
  build: (yargs) =>
    yargs.option('check', { type: 'boolean', default: false, describe: 'Exit 9 when there are findings' }),
  run: (args, invocation) =>
    withServer(args, invocation, async (session) => {
      const document = await readStatus(session);
      invocation.shell.result(document, (look) => statusText(document, look));
      return args.check && document.findings.length > 0 ? 9 : 0;
    }),
});

/** Reads the server and what is remembered of it. */
export async function readStatus({ server, state, configuration, executable }: Session): Promise<Status> {
  const snapshot = await readSnapshot(server);
  const [ledger, heads, unfinishedRuns, lastError] = await Promise.all([
    state.readLedger(),
    state.listRuns(),
    state.unfinishedRuns(),
    state.readLastError(),
  ]);
  return statusOf({
    snapshot,
    expected: expectedTasks(executable ?? startedBy(snapshot)),
    ledger,
    configuration,
    lastOutcome: heads.flatMap(({ outcome }) => outcome ?? []).at(-1) ?? null,
    unfinishedRuns,
    lastError,
  });
}

/** What a captured server's own task starts: there its own word is all there is. */
function startedBy({ tasks }: Snapshot): string | null {
  const own = tasks.find(({ name, path }) => name === rebindTaskName && path === taskFolder);
  return own === undefined ? null : (parseTask(own.xml, own.name).actions[0]?.command ?? null);
}
