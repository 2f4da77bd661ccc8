import type { WatchSettings } from '../../documents/configuration.ts';
import type { Outcome } from '../../documents/runs/outcome.ts';
import type { KnownSet, WatchedFolder } from '../../documents/watched.ts';

export interface Watches {
  readonly schema: 'certrebind/watches/1';
  readonly watches: readonly ListedWatch[];
  /** The runs of `watch now`. */
  readonly runs: readonly Pick<Outcome, 'run' | 'result' | 'exitCode'>[];
}

/** A watch with what the last look at its folder found there. */
export type ListedWatch = WatchSettings &
  Omit<WatchedFolder, 'triedAt' | 'newest'> & { readonly newest: readonly Omit<KnownSet, 'keyType' | 'gone'>[] };
