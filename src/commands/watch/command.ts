import { resolve } from 'node:path';
import { CertRebindError, messageFrom, wrongUse } from '../../base/errors.ts';
import { leadsElsewhere } from '../../base/paths-in-words.ts';
import { escapeControls } from '../../base/safe-text.ts';
import type { WatchSettings } from '../../documents/configuration.ts';
import { listed } from '../../documents/finding.ts';
import type { Outcome } from '../../documents/runs/outcome.ts';
import { type KnownSet, neverLooked, nothingWatched, type WatchedFolder } from '../../documents/watched.ts';
import { watchedFile } from '../../engine/state/found-files.ts';
import { day } from '../../model/certificates/named-certificate.ts';
import { listSource } from '../../server/read-source.ts';
import { dangersOf, importWatched } from '../../session/run/import-watched.ts';
import { type Session, serverCommand } from '../../session/session.ts';
import { putSettings } from '../../session/setup/set-configuration.ts';
import { groupOf } from '../../shell/command.ts';
import { argument, flag, needed, parseNames } from '../../shell/options.ts';
import { flexible, renderTable } from '../../shell/print/table.ts';
import type { TerminalStyle } from '../../shell/print/terminal-style.ts';
import { when, zoneOf } from '../../shell/print/times.ts';

const system = process.platform === 'win32' ? 'windows' : 'posix';

const add = serverCommand({
  examples: [
    [
      'watch add C:\\Certs --password secret:pfx',
      'PFX files that an ACME client writes. First: certrebind secret set pfx',
    ],
    ['watch add \\\\files\\certs --names shop.example.com', 'Only certificates for this name, from a share'],
  ],
  build: (yargs) =>
    yargs
      .positional('folder', needed('A folder, or a share (\\\\server\\share)'))
      .option('names', argument('Only certificates that cover one of these names'))
      .option('password', argument('Password of the files: secret:<name>'))
      .option('store', { choices: ['My', 'WebHosting'] as const, describe: 'The certificate store. Default: My' })
      .option('trust-share', flag('Take certificates from a share although its permissions cannot be checked')),
  async run(session, args) {
    const { folder, names, password, store, trustShare } = args;
    const watch: WatchSettings = {
      path: resolve(folder),
      ...(names === undefined ? {} : { names: parseNames(names) }),
      ...(password === undefined ? {} : { password }),
      ...(store === undefined ? {} : { store }),
      ...(trustShare ? { trustShare } : {}),
    };
    const isShare = leadsElsewhere(watch.path, system);
    await assertFit(watch, isShare, session);
    const others = session.configuration.watch.filter(({ path }) => !isSamePath(path, watch.path));
    await putSettings([['watch', JSON.stringify([...others, watch])]], args, session);
    // fidelity: system-on-shares
    if (isShare)
      session.shell.say(
        'On the network SYSTEM is the computer account (DOMAIN\\SERVER$): give it read access to the share and its files. Anyone who can read them has the private keys.',
      );
    return show({ ...session, configuration: { ...session.configuration, watch: [...others, watch] } });
  },
});

const list = serverCommand({
  examples: [['watch list', 'For people; --json for scripts']],
  run: (session) => show(session),
});

const now = serverCommand({
  examples: [['watch now', 'Looks at every folder, and takes what is new']],
  async run(session) {
    await session.state.assertSafe();
    const outcomes = await importWatched(session);
    const runs = outcomes.map(({ run, result, exitCode }) => ({ run, result, exitCode }));
    const refused = (await watchesOf(session)).some(
      ({ unreachable, newest }) => unreachable !== null || newest.some(({ state }) => state === 'refused'),
    );
    await show(session, runs);
    return Math.max(refused ? 3 : 0, ...runs.map(({ exitCode }) => exitCode));
  },
});

const remove = serverCommand({
  examples: [['watch remove C:\\Certs', 'The folder and its files are not changed']],
  build: (yargs) => yargs.positional('folder', needed('Which one')),
  async run(session, args) {
    const path = resolve(args.folder);
    const watch = session.configuration.watch.filter((one) => !isSamePath(one.path, path));
    if (watch.length === session.configuration.watch.length)
      throw new CertRebindError('no-such-watch', { message: `${path} is not watched.`, where: 'folder' });
    await putSettings([['watch', JSON.stringify(watch)]], args, session);
    return show({ ...session, configuration: { ...session.configuration, watch } });
  },
});

export const watch = groupOf(
  ['add <folder>', 'Take new certificates from a folder or share', add],
  ['list', 'List the watched folders, and what was found there', list],
  ['now', 'Look at every watched folder at once', now],
  ['remove <folder>', 'Watch a folder no more', remove],
);

/** Everything that would make every later look fail. */
async function assertFit(watch: WatchSettings, isShare: boolean, { server }: Session): Promise<void> {
  const { path, trustShare = false } = watch;
  if (trustShare && !isShare) throw wrongUse('--trust-share', `${path} is not on a share.`);
  await listSource(path).catch((thrown: unknown) => {
    throw new CertRebindError('bad-input', {
      message: `${path} cannot be watched: ${messageFrom(thrown)}.`,
      where: 'folder',
    });
  });
  const danger = trustShare ? undefined : (await dangersOf(server, [path])).get(path);
  if (danger !== undefined)
    throw new CertRebindError('unsafe-folder', {
      message: `${path} is not watched: ${danger}, so others could decide which certificate clients get.`,
      where: path,
      hint: isShare
        ? 'Let only administrators write there. If you know that nobody else can: add --trust-share.'
        : 'Let only administrators and SYSTEM write there, and let the client write as one of them.',
    });
}

function isSamePath(a: string, b: string): boolean {
  return system === 'windows' ? a.toLowerCase() === b.toLowerCase() : a === b;
}

async function watchesOf({ home, configuration, shell }: Session): Promise<Watches['watches']> {
  const file = home === null ? null : watchedFile(home);
  const unread = (await file?.damage())?.error ?? (await file?.otherVersion()) ?? null;
  if (unread !== null) shell.notice(`${unread.message} ${unread.hint ?? ''}`);
  const { folders } = (await file?.read()) ?? nothingWatched;
  return configuration.watch.map((watch) => {
    const { lookedAt, unreachable, incomplete, newest } = folders[watch.path] ?? neverLooked;
    const there = newest.filter(({ gone }) => gone !== true).map(({ keyType: _, ...set }) => set);
    return { ...watch, lookedAt, unreachable, incomplete, newest: there };
  });
}

async function show(session: Session, runs: Watches['runs'] = []): Promise<number> {
  const document: Watches = { schema: 'certrebind/watches/1', watches: await watchesOf(session), runs };
  return session.shell.result(document, watchesText);
}

export interface Watches {
  readonly schema: 'certrebind/watches/1';
  readonly watches: readonly ListedWatch[];
  /** The runs of `watch now`. */
  readonly runs: readonly Pick<Outcome, 'run' | 'result' | 'exitCode'>[];
}

/** A watch with what the last look at its folder found there. */
type ListedWatch = WatchSettings &
  Omit<WatchedFolder, 'triedAt' | 'newest'> & { readonly newest: readonly Omit<KnownSet, 'keyType' | 'gone'>[] };

function watchesText({ watches, runs }: Watches, look: TerminalStyle): string {
  if (watches.length === 0) return 'There are no watches.';
  const columns = [flexible('folder'), 'only', `looked at (${zoneOf(look)})`, flexible('found')];
  const rows = watches.map((watch) => [
    escapeControls(watch.path),
    watch.names?.join(', ') ?? 'all',
    watch.lookedAt === null ? 'never' : when(watch.lookedAt, look),
    foundIn(watch).map(escapeControls),
  ]);
  const lines = runs.map(({ run, result }) => `Run ${run}: ${result}. To see it: certrebind history ${run}`);
  return [renderTable(columns, rows, look), ...lines].join('\n');
}

function foundIn({ unreachable, incomplete, newest, lookedAt }: ListedWatch): readonly string[] {
  const lines = [
    ...(unreachable === null ? [] : [`not reachable: ${unreachable.why}`]),
    ...incomplete.map(({ path, why }) => `${path}: ${why}`),
    ...newest.map(
      (set) =>
        `${listed(set.names.split(' '))} (${set.thumbprint.slice(0, 8)}), ends ${day(set.notAfter)}: ${stateText(set)}`,
    ),
  ];
  return lines.length > 0 || lookedAt === null ? lines : ['no certificate'];
}

function stateText({ state, why, wentBackTo }: ListedWatch['newest'][number]): string {
  if (wentBackTo !== null) return `an older one is in its place (${wentBackTo.slice(0, 8)})`;
  switch (state) {
    case 'found':
      return 'not taken yet';
    case 'taken':
      return 'taken';
    case 'unused':
      return `not needed: ${why ?? ''}`;
    case 'refused':
      return `not taken: ${why ?? ''}`;
  }
}
