import { append } from '../text/group.ts';
import type { Renewal } from './renewal.ts';
import type { Thumbprint } from './thumbprint.ts';

/** Every certificate that one replaces, however many renewals ago; never itself. */
export type Lineage = (successor: Thumbprint) => ReadonlySet<Thumbprint>;

/** A link that only an event tells, which any account could have written, counts for nothing. */
export function lineageOf(links: readonly Renewal[]): Lineage {
  const predecessors = new Map<Thumbprint, [Thumbprint, ...Thumbprint[]]>();
  for (const link of links) if (link.corroborated) append(predecessors, link.new, link.old);
  const known = new Map<Thumbprint, ReadonlySet<Thumbprint>>();
  return (successor) => {
    const found = known.get(successor) ?? replacedBy(successor, predecessors);
    known.set(successor, found);
    return found;
  };
}

function replacedBy(
  successor: Thumbprint,
  predecessors: ReadonlyMap<Thumbprint, readonly Thumbprint[]>,
): ReadonlySet<Thumbprint> {
  const found = new Set([successor]);
  // A set that grows while it is walked through is walked through to its new end.
  for (const each of found) for (const old of predecessors.get(each) ?? []) found.add(old);
  found.delete(successor);
  return found;
}
