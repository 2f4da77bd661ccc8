import { dirname, join } from 'node:path';
import type { FoundSet, SourceFile } from '../certificates/source-folder.ts';
import type { Invocation } from '../command-line/command.ts';
import { renewalGiven } from '../command-line/renewals.ts';
import { isPackaged } from '../command-line/running-program.ts';
import type { WatchSettings } from '../documents/configuration.ts';
import type { Outcome } from '../documents/runs/outcome.ts';
import { isByHand } from '../documents/runs/plan.ts';
import { nameOfSecret } from '../documents/secrets.ts';
import { type KnownSet, neverLooked, type WatchedFolder } from '../documents/watched.ts';
import { withArrival } from '../plan/plan-given.ts';
import { performRun } from '../run/perform-run.ts';
import { planWanted } from '../run/plan-wanted.ts';
import type { RunRequest } from '../run/request.ts';
import { readSourceApart } from '../server/read-source.ts';
import type { Server } from '../server/server.ts';
import { prepareState } from '../session/safe-state.ts';
import { clock, type Session } from '../session/session.ts';
import { secretFile } from '../state/secrets.ts';
import { watchedFile } from '../state/watched-file.ts';
import { CertRebindError, messageFrom } from '../text/errors.ts';
import { bringIn } from './arrival.ts';
import { lookAtSource } from './look-at-source.ts';
import { runContext } from './run-context.ts';

/**
 * Looks at the watched folders, one after the other, and takes what is new: imported, planned, proven and rolled back as
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

/** Why others could put a certificate into one of these folders; `null` if nobody could. */
export async function dangerOf(server: Server, folders: readonly string[]): Promise<string | null> {
  const { paths } = await server.judgePaths(folders);
  const unknown = paths.find(({ is }) => is !== 'folder');
  if (unknown !== undefined) return `the permissions of ${unknown.path} cannot be read`;
  const [danger] = paths.flatMap(({ dangers }) => dangers);
  return danger === undefined ? null : `${danger.where} ${danger.why}`;
}

async function take(
  { found, certificate }: FoundSet,
  session: Session,
  invocation: Invocation,
  outcomes: Outcome[],
): Promise<State> {
  const { configuration, state, server } = session;
  try {
    const now = await server.snapshot();
    const snapshot = withArrival(now, certificate);
    // The administrator who set up the watch trusts what lies there, whatever authority issued it.
    const issuers = [...configuration.issuers, certificate.issuer];
    const pair = { old: { kind: 'auto' }, new: { kind: 'thumbprint', thumbprint: certificate.thumbprint } } as const;
    const ledger = await state.readLedger();
    const known = { configuration: { ...configuration, issuers }, ledger };
    const renewal = renewalGiven({ ...pair, represent: false }, snapshot, known);
    const request: RunRequest = {
      command: 'watch',
      wanted: { want: 'given', renewal, represent: false },
      configuration,
      dryRun: false,
      wait: true,
    };
    const plan = await planWanted(state, request, { snapshot, ledger });
    const blocked = plan.blocked.find(({ reason }) => reason !== 'outside-window');
    const waits = plan.blocked.some(({ reason }) => reason === 'outside-window');
    if (plan.steps.length === 0 && !waits && blocked !== undefined)
      return { state: 'refused', why: `${blocked.reason} at ${blocked.key}: ${blocked.detail}` };
    if (plan.steps.length === 0 && !waits && !plan.skipped.some(isByHand))
      return { state: 'unused', why: 'nothing that may be changed uses the certificate that it renews' };
    await bringIn({ found, certificate }, session);
    const { outcome } = await performRun(runContext(session, invocation), request);
    outcomes.push(outcome);
    return { state: 'taken', why: null };
  } catch (thrown) {
    if (!(thrown instanceof CertRebindError)) throw thrown;
    const why = messageFrom(thrown).replace(/\.$/, '');
    return { state: thrown.code === 'no-such-certificate' ? 'unused' : 'refused', why };
  }
}
