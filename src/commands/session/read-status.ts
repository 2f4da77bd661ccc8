import { type StatusFacts, statusOf } from '../../findings/server-status.ts';
import type { Snapshot } from '../../model/documents/snapshot.ts';
import type { Status } from '../../model/documents/status.ts';
import { emptyLedger } from '../../model/runs/ledger.ts';
import type { DamagedFile } from '../../model/text/damaged-file.ts';
import { CertRebindError } from '../../model/text/errors.ts';
import { rebindTaskName, taskFolder } from '../../model/windows/rebind-tasks.ts';
import { parseTask } from '../../model/windows/task.ts';
import { readSnapshot } from '../../server/server.ts';
import { outbox } from '../../state/outbox.ts';
import { orError } from '../../state/reading.ts';
import type { StandingDamage } from '../../state/standing-files.ts';
import type { RunHead, State } from '../../state/state.ts';
import { openRuns } from '../runs/open-runs.ts';
import { expectedTasks, triggerTasks } from '../setup/tasks.ts';
import type { Session } from './session.ts';

/** Reads the server and what is remembered of it. */
export async function readStatus(session: Session, withinDays?: number): Promise<Status> {
  const facts = await statusFacts(session, await readSnapshot(session.server));
  // Loaded late: other commands look at the facts alone, and this brings all that is installed.
  const { installationFacts } = await import('../setup/place-program.ts');
  return statusOf({ ...facts, withinDays, installation: await installationFacts(session) });
}

/** A snapshot together with what is remembered of its server. */
export async function statusFacts(session: Session, snapshot: Snapshot): Promise<StatusFacts> {
  const { state, standing, configuration, configurationDamage, executable } = session;
  const [ledger, heads, open, journals, lastError, triggers, waiting, ledgerDamage, standingDamage] = await Promise.all(
    [
      orError(() => state.readLedger()),
      state.listRuns(),
      openRuns(session),
      unreadableJournals(state),
      state.readLastError(),
      triggerTasks(session),
      session.home === null ? [] : outbox(session.home).list(),
      state.ledgerDamage(),
      standing.findDamage(),
    ],
  );
  return {
    snapshot,
    expected: [...expectedTasks(executable ?? startedBy(snapshot)), ...triggers],
    ledger: ledger instanceof CertRebindError ? emptyLedger : ledger,
    configuration,
    lastOutcome: heads.findLast(({ summary }) => summary !== null)?.summary ?? null,
    openRuns: open,
    lastError,
    outbox: waiting,
    damaged: [
      ...(configurationDamage === null ? [] : [brokenConfiguration(configurationDamage)]),
      // The ledger of a later version cannot be read here, and must not be replaced.
      ...(ledger instanceof CertRebindError ? [damagedFile(ledger, null)] : []),
      ...damagedFiles(ledgerDamage, heads, standingDamage),
      ...journals.map((journal) => damagedFile(journal, null)),
    ],
    triggersKnown: executable !== null,
  };
}

/** The runs that wait for recovery and cannot be recovered; there is rarely one. */
async function unreadableJournals(state: State): Promise<readonly CertRebindError[]> {
  const found = await Promise.all((await state.unfinishedRuns()).map((run) => orError(() => state.readRun(run))));
  return found.filter((one) => one instanceof CertRebindError);
}

function damagedFiles(
  ledger: CertRebindError | null,
  heads: readonly RunHead[],
  standing: readonly StandingDamage[],
): readonly DamagedFile[] {
  return [
    ...(ledger === null ? [] : [damagedFile(ledger, 'certrebind reconcile')]),
    ...heads.flatMap(({ unreadable }) => (unreadable === null ? [] : [damagedFile(unreadable, null)])),
    ...standing.map(({ of, id, error }) =>
      damagedFile(error, of === 'trigger' ? `certrebind trigger remove ${id}` : null),
    ),
  ];
}

function brokenConfiguration({ message, hint }: CertRebindError): DamagedFile {
  const meanwhile = 'Until then no renewal is applied, and this output uses the default settings.';
  return { message, hint: `${hint ?? ''} ${meanwhile}`.trim(), command: null };
}

function damagedFile({ message, hint }: CertRebindError, command: string | null): DamagedFile {
  return { message, hint: hint ?? '', command };
}

/** What a captured server's own task starts: for a capture, its own path is the only one known. */
function startedBy({ tasks }: Snapshot): string | null {
  const own = tasks.find(({ name, path }) => name === rebindTaskName && path === taskFolder);
  return own === undefined ? null : (parseTask(own.xml, own.name).actions[0]?.command ?? null);
}
