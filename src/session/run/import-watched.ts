import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { CertRebindError, messageFrom, orNull } from '../../base/errors.ts';
import { compareText, distinct } from '../../base/order.ts';
import type { WatchSettings } from '../../documents/configuration.ts';
import type { Outcome } from '../../documents/runs/outcome.ts';
import { isByHand, isRefused, obstaclesText } from '../../documents/runs/plan.ts';
import { nameOfSecret } from '../../documents/secrets.ts';
import { type KnownSet, neverLooked, nothingWatched, type WatchedFolder } from '../../documents/watched.ts';
import { judgeSource } from '../../engine/known/judge-source.ts';
import type { Clock } from '../../engine/run/context.ts';
import { performRun } from '../../engine/run/perform-run.ts';
import { planWanted } from '../../engine/run/plan-wanted.ts';
import type { RunRequest } from '../../engine/run/request.ts';
import { watchedFile } from '../../engine/state/found-files.ts';
import { secretFile } from '../../engine/state/secrets.ts';
import { coversHost } from '../../model/certificates/host-name.ts';
import { type FoundSet, lineOf, type SourceFile, setsOf } from '../../model/certificates/source-folder.ts';
import { isInside, type ListedFile, type Listing, readSourceApart } from '../../server/read-source.ts';
import type { Server } from '../../server/server.ts';
import { renewalGiven } from '../../shell/renewals.ts';
import { isPackaged } from '../../shell/running-program.ts';
import { prepareState } from '../safe-state.ts';
import { clock, type Session } from '../session.ts';
import { bringIn } from './arrival.ts';
import { runContext } from './run.ts';

/**
 * Looks at the watched folders, one after the other, then takes what is new: imported, planned, verified and rolled back as
 * with `import`. The lock is only taken for that, so that a share that hangs delays no event. Two hundred servers that
 * watch one share look at a minute of their own each (`hourlyMinute`), and so change one after the other.
 * @param lookMs for all looks together; the folders that it did not reach come first the next time. Without it a person
 * looks, who sees what was not known any more.
 * @throws CertRebindError what a person has to look at first
 */
export async function importWatched(session: Session, lookMs?: number): Promise<readonly Outcome[]> {
  const { home, configuration, server } = session;
  if (home === null || configuration.watch.length === 0) return [];
  await prepareState(session);
  const file = watchedFile(home);
  const damage = lookMs === undefined ? null : await file.damage();
  if (damage !== null) throw damage.error;
  const folders: Record<string, WatchedFolder> = { ...(await file.read()).folders };
  const knownOf = ({ path }: WatchSettings) => folders[path] ?? neverLooked;
  const remember = async (path: string, folder: WatchedFolder) => {
    folders[path] = folder;
    await file.write({ ...nothingWatched, folders });
  };
  const { signal } = runContext(session);
  const until = clock.now().getTime() + (lookMs ?? Number.POSITIVE_INFINITY);
  const left = () => (signal.aborted ? 0 : until - clock.now().getTime());
  const turns = [...configuration.watch].sort((a, b) => compareText(triedAt(knownOf(a)), triedAt(knownOf(b))));
  const found: { readonly watch: WatchSettings; readonly fresh: readonly FoundSet[] }[] = [];
  for (const watch of turns) {
    const reading = { read: readerOf(server, watch), clock, left, passwords: () => passwordsOf(watch, home, session) };
    const looked = await lookAtSource(watch, knownOf(watch), reading);
    // What takes longer alone is told; what others left no time for is first in an hour.
    if (signal.aborted || (left() <= 0 && found.length > 0)) break;
    await remember(watch.path, looked.folder);
    found.push({ watch, fresh: looked.fresh });
  }
  const outcomes: Outcome[] = [];
  for (const { watch, fresh } of found)
    for (const set of fresh) {
      const state = await take(set, knownOf(watch), session, outcomes);
      if (signal.aborted) return outcomes;
      await remember(watch.path, withState(knownOf(watch), set, state));
    }
  return outcomes;
}

function triedAt({ triedAt, lookedAt }: WatchedFolder): string {
  return triedAt ?? lookedAt ?? '';
}

type State = Pick<KnownSet, 'state' | 'why'>;

function withState(folder: WatchedFolder, { certificate }: FoundSet, state: State): WatchedFolder {
  const isIt = ({ sha256 }: KnownSet) => sha256 === certificate.sha256;
  return { ...folder, newest: folder.newest.map((known) => (isIt(known) ? { ...known, ...state } : known)) };
}

async function passwordsOf({ password }: WatchSettings, home: string, { server }: Session): Promise<readonly string[]> {
  if (password === undefined) return [''];
  return [await secretFile(home, server.protection).read(nameOfSecret(password)), ''];
}

function readerOf(server: Server, watch: WatchSettings): SourceReading['read'] {
  const words = isPackaged() ? [] : [...process.execArgv, process.argv[1] ?? ''];
  return (limitMs) =>
    readSourceApart(
      { file: process.execPath, words },
      watch.path,
      (listing) => judgeListing(server, watch, listing),
      limitMs,
    );
}

/**
 * An account that can write there decides what clients get, so a file is judged before it is opened, and where a link
 * leads with it. What a person answers for is the share itself, and not what lies outside of it.
 * @throws Error for a folder of which nothing is read
 */
export async function judgeListing(
  server: Pick<Server, 'judgePaths'>,
  { path: folder, trustShare = false }: WatchSettings,
  { root, files }: Listing,
): Promise<ReadonlyMap<string, string>> {
  const isTrusted = (path: string) => trustShare && (path === folder || isInside(root, path));
  const pathsOf = (file: ListedFile) =>
    ('at' in file ? [dirname(join(root, file.path)), file.at] : []).filter((path) => !isTrusted(path));
  const asked = distinct([...[folder, root].filter((path) => !isTrusted(path)), ...files.flatMap(pathsOf)]);
  const dangers = asked.length === 0 ? new Map<string, string>() : await dangersOf(server, asked);
  const whole = dangers.get(folder) ?? dangers.get(root);
  if (whole !== undefined) throw new Error(`nothing is read there: ${whole}`);
  return new Map(
    files.flatMap((file) =>
      pathsOf(file)
        .flatMap((path) => dangers.get(path) ?? [])
        .map((why) => [file.path, why] as const),
    ),
  );
}

/** Why others could decide what lies at these paths; those where nobody could are not in it. A share may refuse to tell. */
export async function dangersOf(
  server: Pick<Server, 'judgePaths'>,
  asked: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const paths = (await orNull(() => server.judgePaths(asked)))?.paths ?? [];
  return new Map(
    asked.flatMap((path, at) => {
      const { is = 'missing', dangers: [danger] = [] } = paths[at] ?? {};
      if (is === 'missing') return [[path, `the permissions of ${path} cannot be read`] as const];
      return danger === undefined ? [] : [[path, `${danger.where} ${danger.why}`] as const];
    }),
  );
}

async function take(
  arrival: FoundSet,
  { newest }: WatchedFolder,
  session: Session,
  outcomes: Outcome[],
): Promise<State> {
  const { configuration, state, server } = session;
  try {
    const snapshot = await server.snapshot('whole', arrival);
    const { thumbprint } = arrival.certificate;
    const pair = { old: { kind: 'auto' }, new: { kind: 'thumbprint', thumbprint } } as const;
    const ledger = await state.readLedger();
    const renewal = renewalGiven(pair, snapshot, { configuration, ledger });
    if (renewal === null) return { state: 'unused', why: 'no place here is renewed by it' };
    const old = snapshot.certificates.find((one) => one.thumbprint === renewal.old) ?? arrival.certificate;
    const [{ names, keyType: own }, { keyType }] = [lineOf(arrival.certificate), lineOf(old)];
    const isTwins = (set: KnownSet) => set.names === names && set.keyType === keyType && set.gone !== true;
    if (keyType !== own && newest.some(isTwins))
      return {
        state: 'unused',
        why: `what it would renew has a key of the kind ${keyType}, and so has another one there`,
      };
    const request: RunRequest = {
      command: 'watch',
      wanted: { want: 'pairs', renewals: [renewal], arriving: arrival, oldOption: '--old' },
      configuration,
      dryRun: false,
      wait: true,
    };
    const plan = await planWanted(state, request, { snapshot, ledger });
    const [blocked] = plan.blocked;
    if (blocked !== undefined && isRefused(plan))
      return {
        state: 'refused',
        why: `${blocked.obstacles[0].code} at ${blocked.key}: ${obstaclesText(blocked.obstacles)}`,
      };
    if (plan.steps.length === 0 && blocked === undefined && !plan.skipped.some(isByHand))
      return { state: 'unused', why: 'nothing that may be changed uses the certificate that it renews' };
    await bringIn(arrival, session);
    const { outcome } = await performRun(runContext(session), request);
    outcomes.push(outcome);
    return { state: 'taken', why: null };
  } catch (thrown) {
    if (!(thrown instanceof CertRebindError)) throw thrown;
    const why = messageFrom(thrown).replace(/\.$/, '');
    return { state: thrown.code === 'no-such-certificate' ? 'unused' : 'refused', why };
  }
}

interface SourceReading {
  readonly read: (limitMs: number) => Promise<readonly SourceFile[]>;
  readonly clock: Clock;
  /** For the rest of this look, in milliseconds. */
  readonly left: () => number;
  /** Tried in this order. */
  readonly passwords: () => Promise<readonly string[]>;
}

/** A file that did not change in this time is not being written. */
const pauseMs = 5000;
/** Of a process that reads a folder, for each of its answers. */
const answerMs = 10_000;

/**
 * Looks at a watched folder by its content, once; and again before anything is taken, which then must be the same byte for
 * byte. Notices of changes are lost on shares, and clients write in place.
 */
export async function lookAtSource(
  { names = [], store = 'My' }: WatchSettings,
  known: WatchedFolder,
  { read, clock, left, passwords }: SourceReading,
): Promise<{ readonly folder: WatchedFolder; readonly fresh: readonly FoundSet[] }> {
  const at = clock.now().toISOString();
  const demandTime = () => {
    const ms = left();
    if (ms <= 0) throw new Error('there was not enough time to read it');
    return ms;
  };
  const readNow = async () => read(Math.min(answerMs, demandTime()));
  try {
    const files = await readNow();
    const source = await setsOf(files, await passwords(), store, demandTime);
    const isWanted = ({ certificate }: FoundSet) =>
      names.length === 0 || names.some((name) => coversHost(certificate, name));
    const sets = source.sets.filter(isWanted);
    const judged = judgeSource(known, { ...source, sets }, at);
    if (judged.fresh.length === 0) return judged;
    await clock.sleep(Math.min(pauseMs, left()));
    const [before, after] = [digests(files), digests(await readNow())];
    const changed = [...before.keys()].filter((file) => before.get(file) !== after.get(file));
    if (changed.length === 0) return judged;
    const incomplete = [...source.incomplete, ...changed.map((file) => ({ path: file, why: 'it is being written' }))];
    return judgeSource(
      known,
      { sets: sets.filter((set) => !set.files.some((file) => changed.includes(file))), incomplete },
      at,
    );
  } catch (thrown) {
    const unreachable = { since: known.unreachable?.since ?? at, why: messageFrom(thrown) };
    return { folder: { ...known, triedAt: at, unreachable }, fresh: [] };
  }
}

function digests(files: readonly SourceFile[]): ReadonlyMap<string, string> {
  return new Map(
    files.map((file) => [
      file.path,
      `${file.modified} ${'bytes' in file ? createHash('sha256').update(file.bytes).digest('hex') : file.why}`,
    ]),
  );
}
