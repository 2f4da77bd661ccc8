import type { Integer } from '../../base/document.ts';
import { groupBy } from '../../base/group.ts';
import { memoize } from '../../base/memoize.ts';
import type { Thumbprint } from './thumbprint.ts';

/** The pair old → new, how it was learnt, and whether something besides the event confirms it. */
export interface Renewal {
  readonly old: Thumbprint;
  readonly new: Thumbprint;
  readonly source: 'event' | 'renewal-property' | 'same-names' | 'given';
  readonly corroborated: boolean;
  readonly eventRecordId: Integer | null;
  /**
   * The new certificate ends before the old one, and not by mistake: the old one was revoked, or issued anew. Then no
   * window and no shorter life holds it.
   */
  readonly early?: 'revoked' | 'reissued';
  /** Of a pair that was given and leads to another authority: the next such step for these names needs no person. */
  readonly moved?: IssuerChange;
}

export interface IssuerChange {
  /** Organisations, or names of issuers. */
  readonly between: readonly [string, string];
  readonly names: readonly string[];
}

/** The pair that a person gave. */
export function givenRenewal(old: Thumbprint, successor: Thumbprint): Renewal {
  return { old, new: successor, source: 'given', corroborated: true, eventRecordId: null };
}

/** A pair as one text, by which it is looked up. */
export function pairText(pair: Pick<Renewal, 'old' | 'new'>): string {
  return `${pair.old} ${pair.new}`;
}

/** Every certificate that one replaces, however many renewals ago; never itself. */
export type Lineage = (successor: Thumbprint) => ReadonlySet<Thumbprint>;

/** A link that only an event tells, which any account could have written, counts for nothing. */
export function lineageOf(links: readonly Renewal[]): Lineage {
  const to = groupBy(
    links.filter((link) => link.corroborated),
    (link) => link.new,
  );
  return memoize((successor) => walked([successor], (one) => to.get(one)?.map(({ old }) => old)));
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
