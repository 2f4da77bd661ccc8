import type { Configuration } from '../documents/configuration.ts';
import type { Note } from '../documents/runs/plan.ts';
import { movableKinds, partOf } from '../holders/holder.ts';
import type { Snapshot } from '../holders/snapshot.ts';
import { unknownText } from '../holders/unknown-parts.ts';

/**
 * What a plan cannot say because parts of the server are not known. For a kind that is moved this is said even if
 * nothing is swapped.
 */
export function unknownNotes(
  { notLookedAt }: Snapshot,
  { holders }: Pick<Configuration, 'holders'>,
  swaps: boolean,
): readonly Note[] {
  const moved = new Set(movableKinds.filter((kind) => holders[kind].policy === 'swap').map(partOf));
  const parts = notLookedAt.filter(({ part }) => moved.has(part) || (swaps && part === 'others'));
  return parts.length === 0 ? [] : [{ code: 'part-unknown', text: `Not read, so not checked: ${unknownText(parts)}.` }];
}
