import { lstat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { ArgumentsCamelCase } from 'yargs';
import { asResult, CertRebindError } from '../base/errors.ts';
import { type Configuration, defaultConfiguration, parseConfiguration } from '../documents/configuration.ts';
import type { Clock } from '../engine/run/context.ts';
import { fileState, noState } from '../engine/state/file-state.ts';
import { ensureFolder } from '../engine/state/files.ts';
import { noPersistentFiles, type PersistentFiles, persistentFiles } from '../engine/state/persistent-files.ts';
import type { State } from '../engine/state/state.ts';
import { momentText } from '../model/certificates/named-certificate.ts';
import { type CommandSpec, defineCommand, type Invocation } from '../shell/command.ts';
import { readText, readTextIfThere } from '../shell/files.ts';
import type { GlobalArguments } from '../shell/globals.ts';
import { type OpenedServer, openServer } from '../shell/servers.ts';
import type { Shell } from '../shell/shell.ts';
import { assertSafeRun, assertSafeState, makeStateFolder } from './safe-state.ts';

/** A server that is being worked on, with its configuration and what is remembered of it. */
export interface Session extends OpenedServer, Invocation {
  readonly configuration: Configuration;
  /** Why the defaults are used instead of the server's configuration, in a command that works without it. */
  readonly configurationDamage: CertRebindError | null;
  /** Empty, and refusing to be written, where nothing is remembered. */
  readonly state: State;
  /** Always of the server's own folder. */
  readonly files: PersistentFiles;
}

export interface SessionOptions {
  /**
   * `if-readable` for commands that need no configuration: a broken one must not stop anybody from looking at a server
   * or switching the program off. A file that the command line names is required anyway.
   */
  readonly configuration?: 'demanded' | 'if-readable';
  /** Told what was thrown while the server is still open. */
  readonly failed?: (thrown: unknown, at: FailedStart) => Promise<void>;
}

export interface FailedStart extends Pick<Session, 'server' | 'state'> {
  /** `null` where the configuration could not be read. */
  readonly session: Session | null;
  /** Whether the state folder was checked before it failed. */
  readonly isSafe: boolean;
}

/** Opens the server that the arguments choose, works with it, and always ends its session. */
export async function withServer(
  args: GlobalArguments,
  invocation: Invocation,
  work: (session: Session) => Promise<number>,
  { configuration: need = 'demanded', failed = async () => {} }: SessionOptions = {},
): Promise<number> {
  const { shell, servers } = invocation;
  const opened = await openServer(servers, args, shell.env);
  let isSafe = false;
  let session: Session | null = null;
  const state = stateOf(args, opened, shell, () => {
    isSafe = true;
  });
  try {
    const files = opened.home === null ? noPersistentFiles() : persistentFiles(opened.home);
    const found = await asResult(() => readConfiguration(args, opened.home));
    const isBroken = found instanceof CertRebindError;
    if (isBroken && (need === 'demanded' || args.config !== undefined)) throw found;
    session = {
      ...opened,
      ...invocation,
      state,
      files,
      configuration: isBroken ? defaultConfiguration : found,
      configurationDamage: isBroken ? found : null,
    };
    return await work(session);
  } catch (thrown) {
    await failed(thrown, { server: opened.server, state, session, isSafe }).catch(() => {});
    throw thrown;
  } finally {
    await opened.server.close();
  }
}

interface ServerCommandSpec<A extends GlobalArguments, Read>
  extends Omit<CommandSpec<A>, 'run'>,
    Pick<SessionOptions, 'configuration'> {
  /** What has to be right before a server is opened; handed to `run` as it was read. @throws CertRebindError */
  read?(args: ArgumentsCamelCase<A>): Read | Promise<Read>;
  run(session: Session, args: ArgumentsCamelCase<A>, read: Read): Promise<number>;
}

/** A command that works with a server. */
export const serverCommand = <A extends GlobalArguments, Read = undefined>({
  read = () => undefined as Read,
  run,
  configuration,
  ...told
}: ServerCommandSpec<A, Read>) =>
  defineCommand<A>({
    ...told,
    async run(args, invocation) {
      const known = await read(args);
      return withServer(
        args,
        invocation,
        (session) => run(session, args, known),
        configuration === undefined ? {} : { configuration },
      );
    },
  });

/** Where a configuration is looked for when none is named. */
export function configurationFile(args: GlobalArguments, home: string | null): string | null {
  if (args.config !== undefined) return resolve(args.config);
  return home === null ? null : join(home, 'config.json');
}

/** @throws CertRebindError `bad-configuration`; a file that was named must be there */
export async function readConfiguration(args: GlobalArguments, home: string | null): Promise<Configuration> {
  const file = configurationFile(args, home);
  if (file === null) return defaultConfiguration;
  const text =
    args.config === undefined ? await readTextIfThere(file, 'configuration') : await readText(file, '--config');
  return text === null ? defaultConfiguration : parseConfiguration(text, file);
}

function stateOf(args: GlobalArguments, { home, server }: OpenedServer, shell: Shell, foundSafe: () => void): State {
  const folder = args.state === undefined ? home : resolve(args.state);
  // The lock belongs to the server and not to a state folder: two state folders must not allow two runs at once.
  if (folder === null) return noState();
  return fileState(folder, {
    lockFolder: home ?? folder,
    async makeFolder(wanted) {
      const isThere = await lstat(wanted).catch(() => null);
      if (isThere === null) await makeStateFolder(server, wanted, 'not-writable');
      await ensureFolder(wanted);
    },
    assertSafe: async (runs) => {
      await assertSafeState({ server, home }, home === folder ? runs : undefined);
      foundSafe();
    },
    // Of another folder nobody is asked.
    assertSafeRun: async (run) => (home === folder ? assertSafeRun(server, folder, run) : undefined),
    waiting({ pid, since }) {
      shell.notice(`Waiting for process ${pid}, which has been working on this server since ${momentText(since)}.`);
      shell.progress.progress({ stage: 'wait', done: 0, total: 0, key: null });
    },
  });
}

export const clock: Clock = {
  now: () => new Date(),
  // An aborted sleep is over.
  sleep: (ms, signal) => setTimeout(ms, undefined, { signal }).catch(() => {}),
};
