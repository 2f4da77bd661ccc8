import { CertRebindError } from '../base/errors.ts';
import { quoted } from '../base/safe-text.ts';
import type { ProofPatience } from '../engine/run/prove-task.ts';
import type { Server } from '../server/server.ts';
import type { GlobalArguments } from './globals.ts';
import type { ProgramPlace } from './running-program.ts';

/** What chooses a server: the command line, and for the lab's scheduler the environment. */
export type ServerChoice = Pick<GlobalArguments, 'server' | 'replay' | 'lab'>;

/** A way to a server. */
export interface ServerSource {
  /** The word for `--server`. */
  readonly kind: 'windows' | 'replay' | 'lab';
  /** The option that chooses it, for messages, for example `--replay <file>`; `null` if it is only a default. */
  readonly option: string | null;
  /** `named`: the command line means it. `default`: it is taken when none is named. */
  meant(choice: ServerChoice, env: NodeJS.ProcessEnv): 'named' | 'default' | 'no';
  /** Opens nothing slow before the first question. @throws CertRebindError when it cannot be worked on */
  open(choice: ServerChoice, env: NodeJS.ProcessEnv): Promise<OpenedServer>;
}

export interface OpenedServer {
  readonly server: Server;
  /** The fixed folder of this server: its lock is here whatever `--state` says. `null` if nothing is remembered. */
  readonly home: string | null;
  /** What a task of this server has to start. `null` if there can be no task. */
  readonly executable: string | null;
  /** Where the program is installed. `null` if nothing can be installed. */
  readonly place: ProgramPlace | null;
  /**
   * Called before Task Scheduler has to start anything, so that the lab's one starts programs the same way as this one.
   */
  readonly beforeStarts: () => Promise<void>;
  /** How long a proof waits here; as on Windows when absent. */
  readonly proofPatience?: ProofPatience;
}

/** @throws CertRebindError `no-server` when none is meant, `usage` when several are */
export async function openServer(
  servers: readonly ServerSource[],
  choice: ServerChoice,
  env: NodeJS.ProcessEnv,
): Promise<OpenedServer> {
  assertKind(servers, choice.server);
  const named = servers.filter((source) => source.meant(choice, env) === 'named');
  if (named.length > 1)
    throw new CertRebindError('usage', {
      message: `Name one server, not ${named.map(({ kind }) => kind).join(' and ')}.`,
    });
  const source = named[0] ?? servers.find((candidate) => candidate.meant(choice, env) === 'default');
  if (source !== undefined) return source.open(choice, env);
  const ways = servers.flatMap(({ option }) => option ?? []).join(' or ');
  throw new CertRebindError('no-server', {
    message: `This computer is not a Windows server. To work on something else, use ${ways}.`,
    hint: `Add ${ways}.`,
  });
}

/** Without this check the name of a machine would be ignored, and this machine would be changed. */
function assertKind(servers: readonly ServerSource[], kind: string | undefined): void {
  const kinds = servers.map((source): string => source.kind);
  if (kind === undefined || kinds.includes(kind)) return;
  throw new CertRebindError('usage', {
    message: `${quoted(kind, 100)} is not a valid value for --server. Valid values: ${kinds.join(', ')}.`,
    where: '--server',
    hint: 'CertRebind works only on the server where it runs. For another server, run it there, for example with Invoke-Command.',
  });
}
