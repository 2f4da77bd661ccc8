import type { Snapshot } from '../model/snapshot.ts';
import type { InUse } from '../model/status.ts';
import type { Thumbprint } from '../model/thumbprint.ts';
import { compareText } from './order.ts';

const day = 24 * 3600_000;

/** How many sites stand on how many certificates, and which of these ends next. */
export function inUse({ sites, records, certificates, takenAt }: Snapshot, holding: readonly Thumbprint[]): InUse {
  const held = new Set(holding);
  const keys = new Set(records.flatMap(({ key, thumbprint }) => (thumbprint === null ? [] : key)));
  const standing = sites.filter(({ bindings }) =>
    bindings.some(({ recordKey }) => recordKey !== null && keys.has(recordKey)),
  );
  const [next] = certificates
    .filter(({ thumbprint }) => held.has(thumbprint))
    .toSorted((a, b) => Date.parse(a.notAfter) - Date.parse(b.notAfter));
  return {
    sites: standing.length,
    certificates: held.size,
    thumbprints: [...held].sort(compareText),
    nextEnd:
      next === undefined
        ? null
        : {
            thumbprint: next.thumbprint,
            notAfter: next.notAfter,
            daysLeft: Math.floor((Date.parse(next.notAfter) - Date.parse(takenAt)) / day),
          },
  };
}
