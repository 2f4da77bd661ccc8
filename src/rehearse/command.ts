import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { defineCommand, type Invocation } from '../command-line/command.ts';
import { flag } from '../command-line/options.ts';
import { personSaidNo } from '../command-line/shell.ts';
import { rehearsalTask } from '../documents/scheduled-tasks.ts';
import { newRunId, runContext } from '../rebind/run.ts';
import { demandSafeState, prepareState } from '../session/safe-state.ts';
import { clock, type Session, withServer } from '../session/session.ts';
import { CertRebindError } from '../text/errors.ts';
import { rehearsalFiles } from './files.ts';
import { tasksOnReplacement } from './leftovers.ts';
import { rehearse as perform, type RehearsalRequest } from './rehearse.ts';
import { rehearsalText } from './text.ts';

const wireMs = 5000;
const startMs = 20_000;
/** Task Scheduler restarts after a minute. */
const restartMs = 90_000;

export const rehearse = defineCommand({
  examples: [
    ['rehearse', 'Shows which other tasks the event will start, then asks'],
    ['rehearse --yes --json | Set-Content rehearsal.json', 'All measurements as one JSON document'],
    ['rehearse --thorough', 'Also test whether Task Scheduler restarts a failed task (more than a minute)'],
  ],
  build: (yargs) => yargs.option('thorough', flag('Wait up to 90 seconds more, for a restart of a failed task')),
  async run(args, invocation) {
    const agreement: { alsoStarted: readonly string[] | null } = { alsoStarted: null };
    await withServer(args, invocation, async (session) => {
      const tasks = tasksOnReplacement(await session.server.tasks());
      if (!(await agreed(invocation, tasks))) return 0;
      await prepareState(session);
      agreement.alsoStarted = tasks;
      return 0;
    });
    const { alsoStarted } = agreement;
    if (alsoStarted === null) return personSaidNo;
    // Opened again, so that its PowerShell uses the folder for temporary files that was created meanwhile.
    return withServer(args, invocation, (session) =>
      rehearseOn(session, invocation, { alsoStarted, restartMs: args.thorough ? restartMs : null }),
    );
  },
});

/** Everything on this server that waits for renewals is started by the event of this rehearsal too. */
async function agreed({ shell }: Invocation, tasks: readonly string[]): Promise<boolean> {
  const who = tasks.length === 0 ? 'No other task on this server starts on it.' : `It also starts ${tasks.join(', ')}.`;
  shell.preview(
    () =>
      `This creates a site, two certificates and a task, all named CertRebind-Rehearsal, and raises event 1001 (certificate replaced). ${who} CertRebind removes everything again.`,
  );
  return shell.confirm('Rehearse on this server?');
}

async function rehearseOn(
  session: Session,
  invocation: Invocation,
  chosen: Pick<RehearsalRequest, 'alsoStarted' | 'restartMs'>,
): Promise<number> {
  const { home, executable, place } = session;
  if (home === null)
    throw new CertRebindError('read-only-server', {
      message: 'A rehearsal changes the server, so it cannot run on a capture.',
    });
  await demandSafeState(session);
  const id = newRunId(clock.now());
  const files = rehearsalFiles(home);
  // The state folder has its rights from its first moment, before anything is written into it.
  const lock = await session.state.lock({ wait: invocation.shell.asks, signal: new AbortController().signal });
  await lock.release();
  await files.begin(id);
  const context = runContext(session, invocation);
  try {
    const document = await perform(context, {
      id,
      port: await freePort(),
      task: executable === null || !isStartable(place, executable) ? null : rehearsalTask({ command: executable }, id),
      whyNoTask: `CertRebind is not installed as ${executable}, where the tasks start it. Run certrebind install`,
      starts: {
        read: () => files.readStarts(id),
        release: () => files.release(id),
        fail: () => files.failStarts(id),
      },
      ...chosen,
      wireMs,
      startMs,
      configuration: session.configuration,
    });
    const file = await files.end(id, document);
    invocation.shell.result(document, (look) => rehearsalText(document, look));
    if (file !== null) invocation.shell.say(`Kept as ${file}`);
    return document.exitCode;
  } catch (thrown) {
    await files.end(id, null);
    throw thrown;
  }
}

/** A task starts the installed program, or in a lab the bundle; Windows cannot start a bundle alone. */
function isStartable(place: Session['place'], executable: string): boolean {
  if (place === null) return true;
  const { packaged, file } = place.running;
  return packaged ? existsSync(executable) : file.endsWith('.cjs');
}

/** A port that the system gave out a moment ago, so that nothing listens on it. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen({ host: '127.0.0.1', port: 0, exclusive: true }, () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new CertRebindError('server-unreachable', { message: 'No port of the loopback address is free.' })),
      );
    });
  });
}
