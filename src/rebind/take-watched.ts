import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { coversHost } from '../certificates/host-name.ts';
import { type FoundSet, type SourceFile, setsOf } from '../certificates/source-folder.ts';
import type { Invocation } from '../command-line/command.ts';
import { renewalGiven } from '../command-line/renewals.ts';
import { isPackaged } from '../command-line/running-program.ts';
import type { WatchSettings } from '../documents/configuration.ts';
import type { Outcome } from '../documents/runs/outcome.ts';
import { isByHand, isRefused } from '../documents/runs/plan.ts';
import { nameOfSecret } from '../documents/secrets.ts';
import { type KnownSet, neverLooked, type WatchedFolder } from '../documents/watched.ts';
import { judgeSource } from '../plan/judge-source.ts';
import type { Clock } from '../run/context.ts';
import { performRun } from '../run/perform-run.ts';
import { planWanted } from '../run/plan-wanted.ts';
import type { RunRequest } from '../run/request.ts';
import { readSourceApart } from '../server/read-source.ts';
import type { Server } from '../server/server.ts';
import { prepareState } from '../session/safe-state.ts';
import { clock, type Session } from '../session/session.ts';
import { watchedFile } from '../state/found-files.ts';
import { secretFile } from '../state/secrets.ts';
import { CertRebindError, messageFrom, orError } from '../text/errors.ts';
import { bringIn } from './arrival.ts';
import { runContext } from './run.ts';

/**
 * Looks at the watched folders, one after the other, and takes what is new: imported, planned, verified and rolled back as
 * with `import`. The lock is only taken for that, so that a share that hangs delays no event. Two hundred servers that
 * watch one share look at a minute of their own each (`hourlyMinute`), and so change one after the other.
 */
export async function takeWatched(
  session: Session,
  invocation: Invocation,
  read = readFolder,
): Promise<readonly Outcome[]> {
  const { home, configuration } = session;
  if (home === null || configuration.watch.length === 0) return [];
  await prepareState(session);
  const file = watchedFile(home);
  const before = await file.read();
  const folders: Record<string, WatchedFolder> = {};
  const outcomes: Outcome[] = [];
  for (const watch of configuration.watch) {
    const known = before.folders[watch.path] ?? neverLooked;
    const reading = { read, clock, passwords: () => passwordsOf(watch, home, session) };
    let { folder, fresh } = await lookAtSource(watch, known, reading);
    const refusal = fresh.length === 0 ? null : await whyUnsafe(session.server, watch, fresh);
    for (const set of fresh)
      folder = withState(folder, set, refusal ?? (await take(set, session, invocation, outcomes)));
    folders[watch.path] = folder;
    await file.write({ ...before, folders: { ...before.folders, ...folders } });
  }
  return outcomes;
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

function readFolder(path: string): Promise<readonly SourceFile[]> {
  const words = isPackaged() ? [] : [...process.execArgv, process.argv[1] ?? ''];
  return readSourceApart({ file: process.execPath, words }, path);
}

/** An account that can write there decides what clients get. Rights that cannot be read are those of others. */
async function whyUnsafe(
  server: Server,
  { path, trustShare = false }: WatchSettings,
  fresh: readonly FoundSet[],
): Promise<State | null> {
  if (trustShare) return null;
  const folders = new Set([path, ...fresh.flatMap(({ files }) => files.map((file) => dirname(join(path, file))))]);
  const why = await dangerOf(server, [...folders]);
  return why === null ? null : { state: 'refused', why };
}

/** Why others could put a certificate into one of these folders; `null` if nobody could. A share may refuse to tell. */
export async function dangerOf(server: Pick<Server, 'judgePaths'>, folders: readonly string[]): Promise<string | null> {
  const judged = await orError(() => server.judgePaths(folders));
  const paths = judged instanceof CertRebindError ? [] : judged.paths;
  const unknown = folders.find((_, at) => paths[at]?.is !== 'folder');
  if (unknown !== undefined) return `the permissions of ${unknown} cannot be read`;
  const [danger] = paths.flatMap(({ dangers }) => dangers);
  return danger === undefined ? null : `${danger.where} ${danger.why}`;
}

async function take(arrival: FoundSet, session: Session, invocation: Invocation, outcomes: Outcome[]): Promise<State> {
  const { configuration, state, server } = session;
  try {
    const snapshot = await server.snapshot('whole', arrival);
    const { thumbprint } = arrival.certificate;
    const pair = { old: { kind: 'auto' }, new: { kind: 'thumbprint', thumbprint }, reapply: false } as const;
    const ledger = await state.readLedger();
    const renewal = renewalGiven(pair, snapshot, { configuration, ledger });
    if (renewal === null) return { state: 'unused', why: 'this server serves none of its names' };
    const request: RunRequest = {
      command: 'watch',
      wanted: { want: 'given', renewal, reapply: false, arriving: arrival },
      configuration,
      dryRun: false,
      wait: true,
    };
    const plan = await planWanted(state, request, { snapshot, ledger });
    const [blocked] = plan.blocked;
    if (blocked !== undefined && isRefused(plan))
      return { state: 'refused', why: `${blocked.reason} at ${blocked.key}: ${blocked.detail}` };
    if (plan.steps.length === 0 && blocked === undefined && !plan.skipped.some(isByHand))
      return { state: 'unused', why: 'nothing that may be changed uses the certificate that it renews' };
    await bringIn(arrival, session);
    const { outcome } = await performRun(runContext(session, invocation), request);
    outcomes.push(outcome);
    return { state: 'taken', why: null };
  } catch (thrown) {
    if (!(thrown instanceof CertRebindError)) throw thrown;
    const why = messageFrom(thrown).replace(/\.$/, '');
    return { state: thrown.code === 'no-such-certificate' ? 'unused' : 'refused', why };
  }
}

interface SourceReading {
  readonly read: (folder: string) => Promise<readonly SourceFile[]>;
  readonly clock: Clock;
  /** Tried in this order. */
  readonly passwords: () => Promise<readonly string[]>;
}

/** A file that did not change in this time is not being written. */
const pauseMs = 5000;

/**
 * Looks at a watched folder by its content, once; and again before anything is taken, which then must be the same byte for
 * byte. Notices of changes are lost on shares, and clients write in place.
 */
export async function lookAtSource(
  { path, names = [], store = 'My' }: WatchSettings,
  known: WatchedFolder,
  { read, clock, passwords }: SourceReading,
): Promise<{ readonly folder: WatchedFolder; readonly fresh: readonly FoundSet[] }> {
  const at = clock.now().toISOString();
  try {
    const files = await read(path);
    const source = await setsOf(files, await passwords(), store);
    const isWanted = ({ certificate }: FoundSet) =>
      names.length === 0 || names.some((name) => coversHost(certificate, name));
    const sets = source.sets.filter(isWanted);
    const judged = judgeSource(known, { ...source, sets }, at);
    if (judged.fresh.length === 0) return judged;
    await clock.sleep(pauseMs);
    const [before, after] = [digests(files), digests(await read(path))];
    const changed = [...before.keys()].filter((file) => before.get(file) !== after.get(file));
    if (changed.length === 0) return judged;
    const incomplete = [...source.incomplete, ...changed.map((file) => ({ path: file, why: 'it is being written' }))];
    return judgeSource(
      known,
      { sets: sets.filter((set) => !set.files.some((file) => changed.includes(file))), incomplete },
      at,
    );
  } catch (thrown) {
    return {
      folder: { ...known, unreachable: { since: known.unreachable?.since ?? at, why: messageFrom(thrown) } },
      fresh: [],
    };
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
