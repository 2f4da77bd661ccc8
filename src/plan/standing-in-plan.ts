import type { Configuration } from '../documents/configuration.ts';
import { recordsIn, type StandingHolder, standingHolders } from '../holders/holder.ts';
import type { KeyText } from '../holders/record-key.ts';
import type { Snapshot } from '../holders/snapshot.ts';
import { isMoved } from './decide-holder.ts';

/** The holders other than certificate bindings that a plan decides about, and the records that are decided with them. */
export interface StandingInPlan {
  readonly holders: readonly StandingHolder[];
  /** Keys of certificate bindings, each with the key of its holder. */
  readonly recordsInThem: ReadonlyMap<KeyText, KeyText>;
}

/**
 * A record that is part of another holder is decided with it. If the configuration names its application id, or a binding of IIS
 * uses it, CertRebind decides about the record by itself until the other holder is moved.
 */
export function standingInPlan(
  snapshot: Snapshot,
  configuration: Pick<Configuration, 'holders' | 'window' | 'applicationIds'>,
): StandingInPlan {
  const named = new Set(configuration.applicationIds.map((id) => id.toLowerCase()));
  const holders = standingHolders(snapshot).filter((standing) => {
    const isNamed = recordsIn(standing.holder).some(({ appId }) => named.has(appId));
    return !isNamed || isMoved(standing, configuration);
  });
  const ofIis = new Set(snapshot.sites.flatMap(({ bindings }) => bindings.flatMap(({ recordKey }) => recordKey ?? [])));
  const recordsInThem = holders.flatMap((standing): (readonly [KeyText, KeyText])[] => {
    const keys = recordsIn(standing.holder).map(({ key }) => key);
    const isFree = keys.some((key) => ofIis.has(key)) && !isMoved(standing, configuration);
    return isFree ? [] : keys.map((key) => [key, standing.holder.key]);
  });
  return { holders, recordsInThem: new Map(recordsInThem) };
}
