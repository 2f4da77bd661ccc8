import { groupBy } from '../../base/group.ts';
import type { Renewal } from './renewal.ts';
import type { Thumbprint } from './thumbprint.ts';

/** Every certificate that one replaces, however many renewals ago; never itself. */
export type Lineage = (successor: Thumbprint) => ReadonlySet<Thumbprint>;

/** A link that only an event tells, which any account could have written, counts for nothing. */
export function lineageOf(links: readonly Renewal[]): Lineage {
  const to = groupBy(
    links.filter((link) => link.corroborated),
    (link) => link.new,
  );
  const known = new Map<Thumbprint, ReadonlySet<Thumbprint>>();
  return (successor) => {
    const found = known.get(successor) ?? walked([successor], (one) => to.get(one)?.map(({ old }) => old));
    known.set(successor, found);
    return found;
  };
}

/** Every certificate on the ways that begin with these, and these. */
export function reachable(
  byOld: ReadonlyMap<Thumbprint, readonly Renewal[]>,
  from: readonly Thumbprint[],
): ReadonlySet<Thumbprint> {
  return new Set([...from, ...walked(from, (one) => byOld.get(one)?.map((link) => link.new))]);
}

/** Without those from which it begins. */
function walked(
  from: readonly Thumbprint[],
  next: (one: Thumbprint) => readonly Thumbprint[] | undefined,
): ReadonlySet<Thumbprint> {
  const found = new Set(from);
  // A set that grows while it is walked through is walked through to its new end.
  for (const each of found) for (const one of next(each) ?? []) found.add(one);
  for (const one of from) found.delete(one);
  return found;
}
