import type { Options } from 'yargs';
import type { ServerSource } from '../session/servers.ts';
import type { Command } from './command.ts';

/** One of the two programs: which servers it can work on, and which commands it has. Told by the composition root. */
export interface Program {
  readonly servers: readonly ServerSource[];
  /** Options of this program only. */
  readonly options: Readonly<Record<string, Options>>;
  /** Loaded only when there is a command line to parse. */
  commands(): Promise<readonly Command[]>;
}
