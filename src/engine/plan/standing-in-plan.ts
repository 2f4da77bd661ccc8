import type { Configuration } from '../../documents/configuration.ts';
import { recordsIn, standingHolders } from '../../kinds/holder.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { isMoved } from './decide-holder.ts';

/**
 * The holders other than certificate bindings that a plan decides about, and the keys of the records that are decided with
 * them, each with that of its holder. A record that is part of another holder is decided with it. If the configuration names
 * its application id, or a binding of IIS uses it, CertRebind decides about it by itself until the other holder is moved.
 */
export function standingInPlan(
  snapshot: Snapshot,
  configuration: Pick<Configuration, 'holders' | 'window' | 'applicationIds'>,
) {
  const named = new Set(configuration.applicationIds.map((id) => id.toLowerCase()));
  const holders = standingHolders(snapshot).filter((standing) => {
    const isNamed = recordsIn(standing.holder).some(({ appId }) => named.has(appId));
    return !isNamed || isMoved(standing, configuration);
  });
  const ofIis = new Set(snapshot.sites.flatMap(({ bindings }) => bindings.flatMap(({ recordKey }) => recordKey ?? [])));
  const keysInThem = holders.flatMap((standing): (readonly [KeyText, KeyText])[] => {
    const keys = recordsIn(standing.holder).map(({ key }) => key);
    const isFree = keys.some((key) => ofIis.has(key)) && !isMoved(standing, configuration);
    return isFree ? [] : keys.map((key) => [key, standing.holder.key]);
  });
  const recordsInThem: ReadonlyMap<KeyText, KeyText> = new Map(keysInThem);
  return { holders, recordsInThem };
}
