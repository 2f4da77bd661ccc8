import { partsOfHint } from '../../base/codes/entry.ts';
import { asResult, CertRebindError } from '../../base/errors.ts';
import { nothingNotified } from '../../documents/notified.ts';
import { nothingRefused } from '../../documents/refused.ts';
import { emptyLedger, type Ledger } from '../../documents/runs/ledger.ts';
import { rebindTaskName, taskFolder } from '../../documents/scheduled-tasks.ts';
import type { Status } from '../../documents/status.ts';
import { nothingWatched } from '../../documents/watched.ts';
import { type Look, lookAt } from '../../engine/findings/diagnose.ts';
import {
  type DamagedFile,
  type DoctorFacts,
  type KeyFile,
  nothingRemembered,
  type RememberedFacts,
} from '../../engine/findings/facts.ts';
import { keysMaybeLeft } from '../../engine/findings/left-keys.ts';
import { needsLastKnown } from '../../engine/findings/record-findings.ts';
import type { ServerEndpoint } from '../../engine/known/endpoints-of-server.ts';
import { lastSeen } from '../../engine/known/served.ts';
import { lastKnownRecords, owedValues } from '../../engine/run/last-known.ts';
import {
  keptAside,
  lastErrorFile,
  lookedFile,
  ofOtherVersion,
  refusedFile,
  seenFile,
  toldFile,
  watchedFile,
} from '../../engine/state/found-files.ts';
import { outbox } from '../../engine/state/outbox.ts';
import { secretFile } from '../../engine/state/secrets.ts';
import type { State } from '../../engine/state/state.ts';
import { statusOf } from '../../engine/views/server-status.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { parseTask } from '../../model/windows/task.ts';
import { assertSafeState } from '../safe-state.ts';
import { clock, type Session } from '../session.ts';
import { expectedTasks, triggerTasks } from '../setup/tasks.ts';
import { keepSeen } from '../wire/dial-due.ts';
import { observeWire } from '../wire/observe-wire.ts';
import { openRuns } from './read-open-runs.ts';

/** Reads the server and what is remembered of it. */
export async function readStatus(session: Session, days: number | null = null): Promise<Status> {
  return statusOf(await lookNow(session, await session.server.snapshot(), days));
}

/** What `status`, metrics and messages show: what endpoints served when they were last dialled. */
export async function lookNow(session: Session, snapshot: Snapshot, days: number | null = null): Promise<Look> {
  const facts = await doctorFacts(session, snapshot, { wire: [], days });
  const isKept = facts.unsafeState === null;
  return lookAt(isKept ? { ...facts, wire: lastSeen(await session.state.readSeen(), snapshot) } : facts);
}

/** With what these endpoints serve now: each is dialled, and what it serves is kept for the views that dial none. */
export async function lookDialling(
  session: Session,
  snapshot: Snapshot,
  endpoints: readonly ServerEndpoint[],
  days: number | null = null,
): Promise<Look> {
  const start = clock.now();
  const wire = await observeWire(session, endpoints, snapshot.certificates);
  const look = lookAt(await doctorFacts(session, snapshot, { wire, days }));
  const { unsafeState, damaged } = look.facts;
  if (unsafeState === null && !damaged.some(({ stopsRuns }) => stopsRuns))
    await keepSeen(session, snapshot, wire, start);
  return look;
}

/** Everything that the judgement of a server compares, with what the endpoints served where they were dialled. */
async function doctorFacts(
  session: Session,
  snapshot: Snapshot,
  { wire, days }: { readonly wire: DoctorFacts['wire']; readonly days: number | null },
): Promise<DoctorFacts> {
  const { configuration, executable, state } = session;
  // Loaded late: this brings all that is installed.
  const { installationFacts } = await import('../setup/place-program.ts');
  const [remembered, installation, triggers] = await Promise.all([
    rememberedFacts(session),
    installationFacts(session),
    triggerTasks(session),
  ]);
  const { unsafeState } = remembered;
  return {
    ...remembered,
    snapshot,
    configuration,
    expected: [...expectedTasks(executable ?? startedBy(snapshot)), ...triggers],
    triggersKnown: executable !== null,
    wire,
    lastKnown: unsafeState === null && needsLastKnown(snapshot) ? await lastKnownRecords(state) : new Map(),
    endsWithinDays: days,
    installation,
    keysLeft: await keysLeft(session, keysMaybeLeft(snapshot, remembered.ledger)),
  };
}

/** Those whose files are there; what this account may not look at is not said to be. */
async function keysLeft({ server }: Session, keys: readonly KeyFile[]): Promise<readonly KeyFile[]> {
  if (keys.length === 0) return [];
  const judged = await asResult(() => server.judgePaths(keys.map(({ path }) => path)));
  if (judged instanceof CertRebindError) return [];
  return keys.filter((_, at) => judged.paths[at]?.is === 'file');
}

/**
 * What CertRebind remembers of a server. Of a state folder that others can write, nothing is believed: what is wrong
 * then follows from the server alone.
 */
async function rememberedFacts(session: Session): Promise<RememberedFacts> {
  const { state, files, configurationDamage } = session;
  const ofConfiguration = configurationDamage === null ? [] : [brokenConfiguration(configurationDamage)];
  const safe = await asResult(() => assertSafeState(session));
  if (safe instanceof CertRebindError && safe.code === 'unsafe-folder')
    return { ...nothingRemembered, damaged: ofConfiguration, unsafeState: safe };
  const [
    ledger,
    heads,
    open,
    journals,
    lastError,
    waiting,
    told,
    watched,
    refused,
    ledgerDamage,
    unclearOrder,
    standingDamage,
    otherDamage,
  ] = await Promise.all([
    asResult(() => state.readLedger()),
    state.listRuns(),
    openRuns(session),
    unreadableJournals(state),
    state.readLastError(),
    session.home === null ? [] : outbox(session.home).list(),
    session.home === null ? nothingNotified : toldFile(session.home).read(),
    session.home === null ? nothingWatched : watchedFile(session.home).read(),
    session.home === null ? nothingRefused : refusedFile(session.home).read(),
    state.ledgerDamage(),
    state.unclearOrder(clock.now()),
    files.findDamage(),
    damagedBeside(session),
  ]);
  const known = ledgerDamage === null && !(ledger instanceof CertRebindError) ? ledger : await ledgerMadeAnew(state);
  return {
    ledger: known,
    owed: await owedValues(state, known),
    lastOutcome: heads.findLast(({ summary }) => summary !== null)?.summary ?? null,
    openRuns: open,
    lastError,
    told,
    watched,
    refused,
    outbox: waiting,
    damaged: [
      ...ofConfiguration,
      // The ledger of another version cannot be read here, and must not be replaced.
      ...(ledger instanceof CertRebindError ? [{ ...damagedFile(ledger), stopsRuns: true } as const] : []),
      ...(ledgerDamage === null ? [] : [damagedFile(ledgerDamage)]),
      ...(unclearOrder === null ? [] : [damagedFile(unclearOrder)]),
      // `history` says which runs only another version can show; there is nothing to mend.
      ...heads.flatMap(({ unreadable }) =>
        unreadable === null || unreadable.code === 'other-version' ? [] : [damagedFile(unreadable)],
      ),
      ...standingDamage.map(({ of, error }) => ({
        ...damagedFile(error),
        ...(of === 'trigger-runs' ? mildly : {}),
        ...asProgram,
      })),
      ...journals.map((journal) => damagedFile(journal)),
      ...otherDamage,
    ],
    unsafeState: null,
  };
}

/** As the next run will make it: until then no view may say what that will not do. */
async function ledgerMadeAnew(state: State): Promise<Ledger> {
  // Loaded late: a ledger is rarely damaged.
  const { ledgerOfRuns } = await import('../../engine/run/perform-run.ts');
  const made = await asResult(() => ledgerOfRuns(state));
  return made instanceof CertRebindError ? emptyLedger : made;
}

const mildly = { severity: 'warning' } as const;
const asProgram = { isOfProgram: true } as const;

/** The files besides the ledger, the runs, and what an administrator set up. */
async function damagedBeside({ home, state, server, configuration }: Session): Promise<readonly DamagedFile[]> {
  if (home === null) return [];
  const secrets = secretFile(home, server.protection);
  const hasWatches = configuration.watch.length > 0;
  const ofRenewals = [
    refusedFile(home),
    seenFile(state.folder),
    lookedFile(state.folder),
    // Without watches nothing reads it, and nothing makes it anew.
    ...(hasWatches ? [watchedFile(home)] : []),
  ];
  const ofProgram = [toldFile(home), lastErrorFile(state.folder)];
  const damageOf = async (files: readonly Pick<(typeof ofProgram)[number], 'damage'>[]) =>
    (await Promise.all(files.map((file) => file.damage()))).flatMap((one) =>
      one === null ? [] : { ...damagedFile(one.error, ...one.commands), ...mildly },
    );
  const [ofSecrets, messages, aside, others, renewals, program] = await Promise.all([
    asResult<unknown>(secrets.known),
    outbox(home).damage(),
    keptAside(home),
    ofOtherVersion(state.folder),
    damageOf(ofRenewals),
    damageOf(ofProgram),
  ]);
  return [
    // Watches may open files with them.
    ...(ofSecrets instanceof CertRebindError ? [{ ...damagedFile(ofSecrets), ...(hasWatches ? {} : asProgram) }] : []),
    ...messages.map((error) => ({ ...damagedFile(error), ...mildly, ...asProgram })),
    ...aside.map((error) => ({ ...damagedFile(error), ...mildly })),
    ...others.map((error) => ({ ...damagedFile(error), stopsRuns: true }) as const),
    ...renewals,
    ...program.map((one) => ({ ...one, ...asProgram })),
  ];
}

/** The runs that wait for recovery and cannot be recovered; there is rarely one. */
async function unreadableJournals(state: State): Promise<readonly CertRebindError[]> {
  const found = await Promise.all((await state.unfinishedRuns()).map((run) => asResult(() => state.readRun(run))));
  return found.filter((one) => one instanceof CertRebindError);
}

function brokenConfiguration({ message, hint }: CertRebindError): DamagedFile {
  const meanwhile = 'Until then no renewal is applied, and this output uses the default settings.';
  const parts = partsOfHint(hint ?? '');
  return { message, ...parts, hint: `${parts.hint} ${meanwhile}`.trim() };
}

function damagedFile({ message, hint }: CertRebindError, ...more: readonly string[]): DamagedFile {
  const { hint: said, commands } = partsOfHint(hint ?? '');
  return { message, hint: said, commands: [...commands, ...more] };
}

/** What a captured server's own task starts: for a capture, its own path is the only one known. */
function startedBy({ tasks }: Snapshot): string | null {
  const own = tasks.find(({ name, path }) => name === rebindTaskName && path === taskFolder);
  return own === undefined ? null : (parseTask(own.xml, own.name).actions[0]?.command ?? null);
}
