import type { Configuration } from '../documents/configuration.ts';
import type { Note } from '../documents/runs/plan.ts';
import { movableKinds, partOf } from '../holders/holder.ts';
import type { Snapshot } from '../holders/snapshot.ts';
import { isKnown, type PartName, seesRenewals, unknownText } from '../holders/unknown-parts.ts';

/** The parts, besides records and certificates, that a plan with swaps depends on. */
const weighed: ReadonlySet<PartName> = new Set(['options of the TLS records', 'site states', 'others']);

/**
 * What a plan cannot say because parts of the server are not known. For a kind that is moved this is said even if
 * nothing is swapped.
 */
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
            text: 'The TLS records are not known, so the plan cannot say what would change.',
          } as const,
        ]),
    ...(parts.length === 0
      ? []
      : [{ code: 'part-unknown', text: `Not read, so not checked: ${unknownText(parts)}.` } as const]),
  ];
}

/** For a plan of what is pending: without the parts that announce a renewal, none is seen. */
export function renewalsUnknown(snapshot: Snapshot): readonly Note[] {
  if (seesRenewals(snapshot)) return [];
  const text = 'The lifecycle log and the renewal properties are not known, so pending renewals are not found.';
  return [{ code: 'renewals-unknown', text }];
}
