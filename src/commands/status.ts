import { CertRebindError } from '../model/errors.ts';
import { rebindTaskName, taskFolder } from '../model/rebind-tasks.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Status } from '../model/status.ts';
import { parseTask } from '../model/task.ts';
import { type StatusFacts, statusOf } from '../plan/server-status.ts';
import { statusText } from '../report/status.ts';
import { readSnapshot } from '../server/server.ts';
import { defineCommand } from './shell/command.ts';
import { installationFacts } from './shell/place-program.ts';
import { type Session, withServer } from './shell/session.ts';
import { expectedTasks, triggerTasks } from './shell/tasks.ts';

export const status = defineCommand({
  usage: 'status',
  summary: 'Whether certificate rebind is on, what is pending, and what became of the last run',
  examples: [
    ['status', 'For people'],
    ['status --check', 'Exit 9 when something is not as it should be'],
    ['status --check --within 30', 'Certificates without a successor that end within 30 days are findings too'],
  ],
  build: (yargs) =>
    yargs
      .option('check', { type: 'boolean', default: false, describe: 'Exit 9 when there are findings' })
      .option('within', {
        type: 'string',
        requiresArg: true,
        describe: 'Certificates that end within so many days; those of the configuration',
      }),
  async run(args, invocation) {
    const withinDays = args.within === undefined ? undefined : parseDays(args.within, '--within');
    return withServer(args, invocation, async (session) => {
      const document = await readStatus(session, withinDays);
      invocation.shell.result(document, (look) => statusText(document, look));
      return args.check && document.findings.length > 0 ? 9 : 0;
    });
  },
});

/** @throws CertRebindError `usage` */
function parseDays(text: string, where: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new CertRebindError('usage', {
    message: `${where} takes a number of days, not ${JSON.stringify(text.slice(0, 40))}.`,
    where,
  });
}

/** Reads the server and what is remembered of it. */
export async function readStatus(session: Session, withinDays?: number): Promise<Status> {
  const facts = await statusFacts(session, await readSnapshot(session.server));
  return statusOf({ ...facts, withinDays, installation: await installationFacts(session) });
}

/** A snapshot together with what is remembered of its server. */
export async function statusFacts(session: Session, snapshot: Snapshot): Promise<StatusFacts> {
  const { state, configuration, executable } = session;
  const [ledger, heads, unfinishedRuns, lastError, triggers] = await Promise.all([
    state.readLedger(),
    state.listRuns(),
    state.unfinishedRuns(),
    state.readLastError(),
    triggerTasks(session),
  ]);
  return {
    snapshot,
    expected: [...expectedTasks(executable ?? startedBy(snapshot)), ...triggers],
    ledger,
    configuration,
    lastOutcome: heads.flatMap(({ outcome }) => outcome ?? []).at(-1) ?? null,
    unfinishedRuns,
    lastError,
    triggersKnown: executable !== null,
  };
}

/** What a captured server's own task starts: there its own word is all there is. */
function startedBy({ tasks }: Snapshot): string | null {
  const own = tasks.find(({ name, path }) => name === rebindTaskName && path === taskFolder);
  return own === undefined ? null : (parseTask(own.xml, own.name).actions[0]?.command ?? null);
}
