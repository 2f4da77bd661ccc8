import type { Configuration } from '../model/documents/configuration.ts';
import type { Snapshot } from '../model/documents/snapshot.ts';
import { isKnown, type PartName, seesRenewals, unknownText } from '../model/documents/unknown-parts.ts';
import { movableKinds, partOf } from '../model/holders/holder.ts';
import type { Note } from '../model/runs/plan.ts';

/** What a plan that swaps something rests on beside records and certificates. */
const weighed: ReadonlySet<PartName> = new Set(['options of the TLS records', 'site states', 'others']);

/** What a plan cannot say because parts of the server are not known: of a kind that is moved, whether anything swaps or not. */
export function unknownNotes(
  snapshot: Snapshot,
  { holders }: Pick<Configuration, 'holders'>,
  swaps: boolean,
): readonly Note[] {
  const moved = new Set(movableKinds.filter((kind) => holders[kind].policy === 'swap').map(partOf));
  const parts = snapshot.notLookedAt.filter(({ part }) => moved.has(part) || (swaps && weighed.has(part)));
  return [
    ...(isKnown(snapshot, 'records')
      ? []
      : [
          {
            code: 'records-unknown',
            text: 'Nothing is known of the TLS records, so nothing can be said of what would be changed.',
          } as const,
        ]),
    ...(parts.length === 0
      ? []
      : [{ code: 'part-unknown', text: `Unknown, and so not weighed: ${unknownText(parts)}.` } as const]),
  ];
}

/** For a plan of what is pending: where nothing announces a renewal, none is seen. */
export function renewalsUnknown(snapshot: Snapshot): readonly Note[] {
  if (seesRenewals(snapshot)) return [];
  const text = 'Neither the lifecycle log nor renewal properties are known, so renewals that wait are not seen.';
  return [{ code: 'renewals-unknown', text }];
}
