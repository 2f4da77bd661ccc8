import type { Renewal } from '../certificates/renewal.ts';
import type { Thumbprint } from '../certificates/thumbprint.ts';
import type { Note } from '../documents/runs/plan.ts';
import { append, groupBy } from '../text/group.ts';
import { compareText, distinct } from '../text/order.ts';

/** Windows follows at most twenty renewal properties in a row (fidelity: renewal-chain-limit), and so do we. */
export const longestChain = 20;

/** The result of a set of links old → new: one end for each old certificate, or why there is none. */
export interface ClosedRenewals {
  /** One for each old certificate that has one end, sorted by the old thumbprint. */
  readonly renewals: readonly Renewal[];
  /** Old certificates without a single end, sorted by thumbprint. */
  readonly unresolved: readonly UnresolvedRenewal[];
  readonly notes: readonly Note[];
}

export interface UnresolvedRenewal {
  readonly old: Thumbprint;
  /** The links that start at the old certificate, sorted by the new one. */
  readonly candidates: Links;
  readonly why: 'two-ends' | 'circle' | 'too-long';
}

type Links = readonly [Renewal, ...Renewal[]];

/** Why nothing can be decided, as a sentence. */
export function unresolvedText({ old, candidates, why }: UnresolvedRenewal): string {
  const successors = distinct(candidates.map((candidate) => candidate.new)).join(' and ');
  switch (why) {
    case 'two-ends':
      return `${old} has more than one successor (${successors}), and CertRebind cannot tell which one is newest.`;
    case 'circle':
      return `The renewals that start at ${old} (${successors}) form a circle.`;
    case 'too-long':
      return `More than ${longestChain} renewals follow one another from ${old}.`;
  }
}

/**
 * Closes renewals transitively: A→B and B→C give A→C and B→C. Of two ends for one old certificate the later event wins;
 * if they cannot be ordered, there is none.
 *
 * Corroborated links are closed first and by themselves, so that an event that anybody may have written can neither
 * redirect nor block a renewal that something else confirms. Such an event only counts for certificates about which
 * nothing better is known.
 * @param remembered corroborated links that count where no other corroborated one does
 */
export function closeRenewals(links: readonly Renewal[], remembered: readonly Renewal[] = []): ClosedRenewals {
  let all: Resolutions = new Map();
  for (const these of [
    links.filter((link) => link.corroborated),
    remembered,
    links.filter((link) => !link.corroborated),
  ])
    all = new Map([...all, ...close(groupByOld(these.filter(({ old }) => !all.has(old))), all)]);
  const inOrder = [...all].sort(([a], [b]) => compareText(a, b)).map(([, resolution]) => resolution);
  return {
    renewals: inOrder.flatMap((one) => (one.kind === 'end' ? one.renewal : [])),
    unresolved: inOrder.flatMap((one) => (one.kind === 'end' ? [] : one.unresolved)),
    notes: notesOnOtherEnds(links, all),
  };
}

type Resolution =
  | { readonly kind: 'end'; readonly renewal: Renewal; readonly length: number }
  | { readonly kind: 'unresolved'; readonly unresolved: UnresolvedRenewal };

type Resolutions = ReadonlyMap<Thumbprint, Resolution>;

/** A way from an old certificate, and the number of links in it. */
interface Way {
  readonly renewal: Renewal;
  readonly length: number;
}

/**
 * Works backwards from the ends, so that every certificate is decided after all its successors; what is never reached
 * is part of a circle. `before` has what was closed already: ways lead through it and on from its ends.
 */
function close(byOld: ReadonlyMap<Thumbprint, Links>, before: Resolutions): Resolutions {
  const resolved = new Map<Thumbprint, Resolution>();
  const open = new Map<Thumbprint, { links: Links; ways: readonly Way[]; waiting: number }>();
  const predecessors = new Map<Thumbprint, [Thumbprint, ...Thumbprint[]]>();
  const ready: Thumbprint[] = [];
  for (const [old, all] of byOld) {
    const links = contenders(all);
    const ways = links.map((link) => joined({ renewal: link, length: 1 }, before.get(link.new)));
    const successors = ways.map(({ renewal }) => renewal.new).filter((thumbprint) => byOld.has(thumbprint));
    for (const successor of successors) append(predecessors, successor, old);
    open.set(old, { links, ways, waiting: successors.length });
    if (successors.length === 0) ready.push(old);
  }
  for (let old = ready.pop(); old !== undefined; old = ready.pop()) {
    const entry = open.get(old);
    if (entry === undefined) continue;
    open.delete(old);
    resolved.set(
      old,
      resolve(old, entry, (thumbprint) => resolved.get(thumbprint) ?? before.get(thumbprint)),
    );
    for (const predecessor of predecessors.get(old) ?? []) {
      const waiting = open.get(predecessor);
      if (waiting === undefined) continue;
      waiting.waiting -= 1;
      if (waiting.waiting === 0) ready.push(predecessor);
    }
  }
  for (const [old, { links }] of open) resolved.set(old, unresolved(old, links, 'circle'));
  return resolved;
}

function resolve(
  old: Thumbprint,
  { links, ways }: { readonly links: Links; readonly ways: readonly Way[] },
  after: (thumbprint: Thumbprint) => Resolution | undefined,
): Resolution {
  const ends: Way[] = [];
  for (const way of ways) {
    const next = after(way.renewal.new);
    if (next?.kind === 'unresolved') return unresolved(old, links, next.unresolved.why);
    ends.push(joined(way, next));
  }
  const [first, ...others] = ends;
  if (first === undefined || others.some((other) => other.renewal.new !== first.renewal.new)) {
    return unresolved(old, links, 'two-ends');
  }
  const shortest = ends.reduce((best, end) => (end.length < best.length ? end : best), first);
  return shortest.length > longestChain ? unresolved(old, links, 'too-long') : { kind: 'end', ...shortest };
}

/** A→B, then B→C: the pair A→C is as trustworthy as its weakest link, and answers the event that named A. */
function joined(way: Way, next: Resolution | undefined): Way {
  if (next?.kind !== 'end') return way;
  const { renewal } = way;
  const early = renewal.early ?? next.renewal.early;
  return {
    renewal: {
      old: renewal.old,
      new: next.renewal.new,
      source: next.renewal.source === 'same-names' ? 'same-names' : renewal.source,
      corroborated: renewal.corroborated && next.renewal.corroborated,
      eventRecordId: renewal.eventRecordId,
      ...(early === undefined ? {} : { early }),
    },
    length: way.length + next.length,
  };
}

/**
 * The competing links that remain after the better source, then the later event, has won; one link if they can be
 * ordered.
 */
function contenders(links: Links): Links {
  const best = Math.min(...links.map(standing));
  const [first, ...others] = links.filter((link) => standing(link) === best);
  if (first === undefined) return links;
  let latest = first;
  for (const other of others) {
    if (latest.eventRecordId === null || other.eventRecordId === null) return [first, ...others];
    if (other.eventRecordId > latest.eventRecordId) latest = other;
  }
  return [latest];
}

/** A person's choice comes before what Windows recorded, and that before matching names. */
function standing(link: Renewal): number {
  switch (link.source) {
    case 'given':
      return 0;
    case 'event':
    case 'renewal-property':
      return 1;
    case 'same-names':
      return 2;
  }
}

function notesOnOtherEnds(links: readonly Renewal[], all: Resolutions): readonly Note[] {
  const notes: Note[] = [];
  for (const link of links) {
    const taken = all.get(link.old);
    if (taken?.kind !== 'end' || link.new === taken.renewal.new) continue;
    const next = all.get(link.new);
    if (next?.kind === 'end' && next.renewal.new === taken.renewal.new) continue;
    const record = link.eventRecordId === null ? '' : ` (event ${link.eventRecordId})`;
    if (taken.renewal.corroborated && !link.corroborated) {
      notes.push({
        code: 'uncorroborated-ignored',
        text: `An untrusted event names ${link.new} as the successor of ${link.old}${record}. CertRebind ignored it and uses ${taken.renewal.new}.`,
      });
    } else if (link.source === 'event' && taken.renewal.source !== 'given') {
      notes.push({
        code: 'later-event-wins',
        text: `${link.old} was also replaced by ${link.new}${record}. CertRebind uses ${taken.renewal.new}, which a later event names.`,
      });
    }
  }
  return notes.sort((a, b) => compareText(a.text, b.text));
}

/** Links of the same pair become one, and the result does not depend on the order in which they were found. */
function groupByOld(links: readonly Renewal[]): ReadonlyMap<Thumbprint, Links> {
  return new Map([...groupBy(links, ({ old }) => old)].map(([old, group]) => [old, mergePairs(group)]));
}

function mergePairs(links: Links): [Renewal, ...Renewal[]] {
  const [first, ...others] = links.toSorted(
    (a, b) =>
      compareText(a.new, b.new) ||
      standing(a) - standing(b) ||
      (b.eventRecordId ?? -1) - (a.eventRecordId ?? -1) ||
      compareText(a.source, b.source),
  );
  const merged: [Renewal, ...Renewal[]] = [first ?? links[0]];
  for (const link of others) {
    if (link.new !== merged.at(-1)?.new) merged.push(link);
  }
  return merged;
}

function unresolved(old: Thumbprint, candidates: Links, why: UnresolvedRenewal['why']): Resolution {
  return { kind: 'unresolved', unresolved: { old, candidates, why } };
}
