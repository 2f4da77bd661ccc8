import type { Options } from 'yargs';
import type { ServerSource } from '../session/servers.ts';
import type { CommandEntry } from './command.ts';

/** One of the two programs: which servers it can work on, and which commands it has. Told by the composition root. */
export interface Program {
  readonly servers: readonly ServerSource[];
  /** Options of this program only. */
  readonly options: Readonly<Record<string, Options>>;
  /** In the order of `--help`. */
  readonly commands: readonly CommandEntry[];
}
