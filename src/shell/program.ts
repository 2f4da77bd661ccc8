import type { Options } from 'yargs';
import type { CommandEntry } from './command.ts';
import type { ServerSource } from './servers.ts';

/** One of the two programs: which servers it can work on, and which commands it has. Told by the composition root. */
export interface Program {
  readonly servers: readonly ServerSource[];
  /** Options of this program only. */
  readonly options: Readonly<Record<string, Options>>;
  /** In the order of `--help`. */
  readonly groups: readonly CommandGroup[];
}

/** Commands that people look for together. */
export interface CommandGroup {
  readonly title: string;
  readonly commands: readonly CommandEntry[];
}
