import { distinct } from '../../base/order.ts';
import type { Configuration } from '../../documents/configuration.ts';
import type { InUse } from '../../documents/status.ts';
import { recordsOf } from '../../kinds/holder.ts';
import { holdersInUse } from '../../kinds/place.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { dayMs } from '../../model/certificates/deadline.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { bindingsByRecord } from '../known/bindings-of-records.ts';
import { isMoved } from '../plan/decide-holder.ts';

/** How many sites use how many certificates, and which of these ends next. */
export function inUse(snapshot: Snapshot, configuration: Pick<Configuration, 'holders'>): InUse {
  const { sites, certificates, takenAt } = snapshot;
  const held = new Set(certificatesInUse(snapshot, configuration));
  const served = new Set(
    holdersInUse(snapshot)
      .filter((each) => isMoved(each, configuration))
      .flatMap(({ endpoints }) => endpoints.map(({ site }) => site)),
  );
  const keys = new Set(recordsOf(snapshot).flatMap(({ key, thumbprint }) => (thumbprint === null ? [] : key)));
  const standing = sites.filter(
    ({ name, bindings }) =>
      served.has(name) || bindings.some(({ recordKey }) => recordKey !== null && keys.has(recordKey)),
  );
  const [next] = certificates
    .filter(({ thumbprint }) => held.has(thumbprint))
    .toSorted((a, b) => Date.parse(a.notAfter) - Date.parse(b.notAfter));
  return {
    sites: standing.length,
    certificates: held.size,
    thumbprints: distinct(held),
    nextEnd:
      next === undefined
        ? null
        : {
            thumbprint: next.thumbprint,
            notAfter: next.notAfter,
            daysLeft: Math.floor((Date.parse(next.notAfter) - Date.parse(takenAt)) / dayMs),
          },
  };
}

/** The certificates that are named by records under IIS bindings, and by holders of the kinds that are moved. */
export function certificatesInUse(
  snapshot: Snapshot,
  configuration: Pick<Configuration, 'holders'>,
): readonly Thumbprint[] {
  const standing = bindingsByRecord(snapshot.sites);
  return distinct([
    ...recordsOf(snapshot).flatMap(({ key, thumbprint }) => (standing.has(key) ? (thumbprint ?? []) : [])),
    ...holdersInUse(snapshot).flatMap((each) => (isMoved(each, configuration) ? (each.thumbprint ?? []) : [])),
  ]);
}
