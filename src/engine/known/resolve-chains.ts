import { groupBy } from '../../base/group.ts';
import { compareText, distinct } from '../../base/order.ts';
import type { Note } from '../../documents/runs/plan.ts';
import type { Renewal } from '../../model/certificates/renewal.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';

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
 */
export function resolveChains(links: readonly Renewal[]): ClosedRenewals {
  const all = new Map<Thumbprint, Resolution>();
  for (const trust of [true, false])
    resolveAll(
      groupBy(
        links.filter((link) => link.corroborated === trust && !all.has(link.old)),
        ({ old }) => old,
      ),
      all,
    );
  const inOrder = [...all].sort(([a], [b]) => compareText(a, b)).map(([, resolution]) => resolution);
  return {
    renewals: inOrder.flatMap((one) => (one.kind === 'end' ? one.renewal : [])),
    unresolved: inOrder.flatMap((one) => (one.kind === 'end' ? [] : one)),
    notes: notesOnOtherEnds(links, all),
  };
}

/** A way from an old certificate, and the number of links in it. */
interface Way {
  readonly kind: 'end';
  readonly renewal: Renewal;
  readonly length: number;
}

type Resolution = Way | ({ readonly kind: 'unresolved' } & UnresolvedRenewal);

/** Adds an end for each old certificate, after those of all its successors. What leads back to itself is in a circle. */
function resolveAll(found: ReadonlyMap<Thumbprint, Links>, all: Map<Thumbprint, Resolution>): void {
  const begun = new Set<Thumbprint>();
  const stack = [...found.keys()];
  for (let old = stack.at(-1); old !== undefined; old = stack.at(-1)) {
    const links = all.has(old) ? undefined : found.get(old);
    const candidates = links && contenders(links);
    const ways = candidates?.map((link) => follow(link, all)) ?? [];
    const ahead = ways.flatMap((way) => (way.kind === 'end' && found.has(way.renewal.new) ? way.renewal.new : []));
    if (ahead.length > 0 && !begun.has(old)) {
      begun.add(old);
      stack.push(...ahead);
      continue;
    }
    stack.pop();
    if (candidates !== undefined)
      all.set(
        old,
        ahead.length > 0 ? { kind: 'unresolved', old, candidates, why: 'circle' } : endOf(old, candidates, ways),
      );
  }
}

/** From a link on to the end of what is resolved already. */
function follow(link: Renewal, all: ReadonlyMap<Thumbprint, Resolution>): Resolution {
  let way: Way = { kind: 'end', renewal: link, length: 1 };
  for (let next = all.get(way.renewal.new); next !== undefined; next = all.get(way.renewal.new)) {
    if (next.kind === 'unresolved') return next;
    way = joined(way, next);
  }
  return way;
}

function endOf(old: Thumbprint, candidates: Links, ways: readonly Resolution[]): Resolution {
  const open = (why: UnresolvedRenewal['why']) => ({ kind: 'unresolved', old, candidates, why }) as const;
  const [stopped, ...others] = ways.flatMap((way) => (way.kind === 'unresolved' ? way.why : []));
  if (stopped !== undefined) return open(others.includes('circle') ? 'circle' : stopped);
  const ends = ways.filter((way) => way.kind === 'end').toSorted((a, b) => a.length - b.length);
  const [shortest, ...longer] = ends;
  if (shortest === undefined || longer.some(({ renewal }) => renewal.new !== shortest.renewal.new))
    return open('two-ends');
  return shortest.length > longestChain ? open('too-long') : shortest;
}

/** A→B, then B→C: the pair A→C is as trustworthy as its weakest link, and answers the event that named A. */
function joined(way: Way, next: Way): Way {
  const { renewal } = way;
  const early = renewal.early ?? next.renewal.early;
  return {
    kind: 'end',
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
 * ordered. Those of the same pair become one, and the result does not depend on the order in which they were found.
 */
function contenders(links: Links): Links {
  const sorted = links.toSorted(
    (a, b) =>
      standing(a) - standing(b) ||
      compareText(a.new, b.new) ||
      (b.eventRecordId ?? -1) - (a.eventRecordId ?? -1) ||
      compareText(a.source, b.source),
  );
  const [first = links[0], ...others] = sorted.filter(
    (link, at) => standing(link) === standing(sorted[0] ?? link) && link.new !== sorted[at - 1]?.new,
  );
  const numbered = [first, ...others].flatMap(({ eventRecordId }) => eventRecordId ?? []);
  if (numbered.length <= others.length) return [first, ...others];
  const latest = Math.max(...numbered);
  return [others.find((link) => link.eventRecordId === latest) ?? first];
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

function notesOnOtherEnds(links: readonly Renewal[], all: ReadonlyMap<Thumbprint, Resolution>): readonly Note[] {
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
