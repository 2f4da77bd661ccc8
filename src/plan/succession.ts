import { lineageOf } from '../certificates/lineage.ts';
import { pairText, type Renewal } from '../certificates/renewal.ts';
import type { Thumbprint } from '../certificates/thumbprint.ts';
import type { Configuration } from '../documents/configuration.ts';
import type { Ledger } from '../documents/runs/ledger.ts';
import type { Snapshot } from '../holders/snapshot.ts';
import { type ClosedRenewals, closeRenewals, type UnresolvedRenewal } from './close-renewals.ts';
import { holdingEntries } from './held-renewals.ts';
import { learntHere, learntRenewals, namesFound, reachable } from './learnt-renewals.ts';
import type { NamesDoubt, NamesFound } from './renewals-from-names.ts';

/** What follows a certificate. What only an event tells, which any account could have written, is never among it. */
export type Successor =
  | { readonly is: 'none' }
  /** The end of the way, never a certificate that was itself replaced. */
  | { readonly is: 'known'; readonly renewal: Renewal }
  /** Issued anew, ending earlier: not taken before that time. */
  | { readonly is: 'later'; readonly renewal: Renewal; readonly until: string }
  | {
      readonly is: 'unclear';
      readonly candidates: readonly Thumbprint[];
      readonly why: UnresolvedRenewal['why'] | NamesDoubt['why'];
    };

/** What follows each certificate of a server, and what each one replaced; made once for a look or a plan. */
export interface Succession {
  /** The end of the way that begins with a certificate. */
  successorOf(old: Thumbprint): Successor;
  /** Every certificate that one replaces, however many renewals ago; never itself. */
  replacedBy(successor: Thumbprint): ReadonlySet<Thumbprint>;
  /** What one replaces directly: of several, what ended last, if that is here. */
  predecessorOf(successor: Thumbprint): Renewal | null;
  /** Every pair that this server, a run or a person vouches for, each once. */
  readonly pairs: readonly Renewal[];
  /** The same joined, one for each old certificate. */
  readonly resolved: ClosedRenewals;
  /** What plans are made of, untrusted events included, as learnt. */
  readonly links: readonly Renewal[];
  /** Those of them that this server itself tells. */
  readonly told: readonly Renewal[];
  readonly names: NamesFound;
}

/**
 * @param isOff renewals that count for nothing, because they were rolled back everywhere; plans are made of them too
 */
export function successionOf(
  snapshot: Snapshot,
  ledger: Ledger,
  configuration: Configuration,
  isOff: (renewal: Renewal) => boolean = rolledBackEverywhere(ledger, snapshot),
): Succession {
  const names = namesFound(snapshot, ledger, configuration);
  const told = learntHere(snapshot, ledger, configuration, names);
  const links = learntRenewals(snapshot, ledger, configuration, names);
  const learnt = links.filter((link) => link.corroborated && !isOff(link));
  const moved = ledger.entries
    .map(({ renewal }) => renewal)
    .filter((one) => one.corroborated && one.old !== one.new && !isOff(one));
  const pairs = [...new Map([...learnt, ...moved].map((one) => [pairText(one), one])).values()];
  const resolved = closeRenewals(learnt, lastOfEach(moved, learnt));
  const ends = new Map(resolved.renewals.map((renewal) => [renewal.old, renewal]));
  const unresolved = new Map(resolved.unresolved.map((one) => [one.old, one]));
  const waiting = new Map(names.waiting.map((one) => [one.renewal.old, one]));
  const doubts = new Map(names.doubts.map((one) => [one.old.thumbprint, one]));
  const end = new Map(snapshot.certificates.map((one) => [one.thumbprint, one.notAfter]));
  const endedAt = ({ old }: Renewal) => end.get(old) ?? '';
  return {
    successorOf(old) {
      const renewal = ends.get(old);
      if (renewal !== undefined) return { is: 'known', renewal };
      const open = unresolved.get(old);
      if (open !== undefined)
        return { is: 'unclear', candidates: open.candidates.map((one) => one.new), why: open.why };
      const later = waiting.get(old);
      if (later !== undefined) return { is: 'later', ...later };
      const doubt = doubts.get(old);
      if (doubt === undefined) return { is: 'none' };
      return { is: 'unclear', candidates: doubt.candidates.map(({ thumbprint }) => thumbprint), why: doubt.why };
    },
    replacedBy: lineageOf(pairs),
    predecessorOf: (successor) =>
      pairs
        .filter((one) => one.new === successor)
        .reduce<Renewal | null>((last, one) => (last === null || endedAt(one) >= endedAt(last) ? one : last), null),
    pairs,
    resolved,
    links,
    told,
    names,
  };
}

function rolledBackEverywhere(ledger: Ledger, snapshot: Snapshot): (renewal: Renewal) => boolean {
  const { holding } = holdingEntries(ledger, snapshot);
  return (renewal) => holding(renewal)?.at === 'everywhere';
}

/**
 * What runs and persons brought in, the last for each certificate, where nothing that is learnt leads to that or back to
 * it: what the policy leaves out now, or what left the stores, is not offered instead of what plans are made of.
 */
function lastOfEach(moved: readonly Renewal[], learnt: readonly Renewal[]): readonly Renewal[] {
  const ends = new Set(learnt.map((link) => link.new));
  const last = new Map(moved.map((one) => [one.old, one]));
  return [...last.values()].filter((one) => !ends.has(one.old) && !reachable(learnt, [{ old: one.new }]).has(one.old));
}
