import type { Configuration } from '../model/documents/configuration.ts';
import type { Snapshot } from '../model/documents/snapshot.ts';
import { recordIn, type StandingHolder, standingHolders } from '../model/holders/holder.ts';
import type { KeyText } from '../model/holders/record-key.ts';
import { isMoved } from './decide-holder.ts';

/** The holders that a plan decides for beside the TLS records, and the records that it leaves to them. */
export interface StandingInPlan {
  readonly holders: readonly StandingHolder[];
  /** Keys of the records that are a part of one of these. */
  readonly recordsInThem: ReadonlySet<KeyText>;
}

/**
 * A record that is a part of another holder is decided with it. Where the configuration names its application id, it is one
 * that CertRebind changes by itself until the other holder is moved.
 */
export function standingInPlan(
  snapshot: Snapshot,
  configuration: Pick<Configuration, 'holders' | 'applicationIds'>,
): StandingInPlan {
  const named = new Set(configuration.applicationIds.map((id) => id.toLowerCase()));
  const holders = standingHolders(snapshot).filter((standing) => {
    const record = recordIn(standing.holder);
    return record === null || isMoved(standing, configuration) || !named.has(record.appId);
  });
  return { holders, recordsInThem: new Set(holders.flatMap(({ holder }) => recordIn(holder)?.key ?? [])) };
}
