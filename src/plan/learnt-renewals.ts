import { pairText, type Renewal } from '../certificates/renewal.ts';
import type { Thumbprint } from '../certificates/thumbprint.ts';
import type { Configuration } from '../documents/configuration.ts';
import type { Ledger, LedgerEntry } from '../documents/runs/ledger.ts';
import type { Snapshot } from '../holders/snapshot.ts';
import { groupBy } from '../text/group.ts';
import { isWrittenByAuthority, type LifecycleEvent } from '../windows/lifecycle-event.ts';
import { announcedPair, renewalsFromEvents, renewalsFromProperties } from './renewals.ts';
import { type NamesFound, renewalsFromNames } from './renewals-from-names.ts';

/**
 * Every link that is known: by events, renewal properties and, by policy, matching names; and the pairs that a person, a
 * hook or an import gave. Going back to a certificate is no renewal: the links that lead away from it stay.
 */
export function learntRenewals(
  snapshot: Snapshot,
  ledger: Ledger,
  configuration: Configuration,
  names = namesFound(snapshot, ledger, configuration),
): readonly Renewal[] {
  const learnt = learntHere(snapshot, ledger, configuration, names);
  const known = new Set(learnt.map(pairText));
  const given = givenRenewals(ledger, snapshot).filter(
    (renewal) => !known.has(pairText(renewal)) && !reachable(learnt, [{ old: renewal.new }]).has(renewal.old),
  );
  return withRemembered([...learnt, ...given], ledger);
}

/**
 * With what runs knew of certificates that nothing leads away from any more: an event may have left the log since, and
 * what was given may have been rolled back. Of one certificate the last entry counts.
 */
function withRemembered(known: readonly Renewal[], { entries }: Ledger): readonly Renewal[] {
  const links = [...known];
  const olds = new Set(known.map(({ old }) => old));
  for (const { renewal, state, rolledBack } of entries.toReversed()) {
    const { old, new: successor, source } = renewal;
    const wasGiven = source === 'given' && (state !== 'undone' || (rolledBack?.cause.kind ?? 'person') === 'person');
    if (wasGiven || source === 'same-names' || old === successor || olds.has(old)) continue;
    if (olds.has(successor) && reachable(links, [{ old: successor }]).has(old)) continue;
    links.push(renewal);
    olds.add(old);
  }
  return links;
}

/** What this server itself tells. */
export function learntHere(
  snapshot: Snapshot,
  ledger: Ledger,
  configuration: Configuration,
  names = namesFound(snapshot, ledger, configuration),
): readonly Renewal[] {
  return [...renewalsFromEvents(snapshot), ...renewalsFromProperties(snapshot), ...names.links];
}

/** Nothing where the policy takes only what is recorded. */
export function namesFound(snapshot: Snapshot, ledger: Ledger, configuration: Configuration): NamesFound {
  return configuration.successors === 'same-names'
    ? renewalsFromNames(snapshot, ledger, configuration)
    : { links: [], doubts: [], waiting: [] };
}

/** Of what was given for one certificate, the last counts; and a later event for it comes before that. */
function givenRenewals({ entries }: Ledger, snapshot: Snapshot): readonly Renewal[] {
  const now = Date.parse(snapshot.takenAt);
  const announced = groupBy([...lastAnnouncements(snapshot).values()], (event) => announcedPair(event)?.old);
  const links = new Map<Thumbprint, LedgerEntry>();
  for (const entry of entries) {
    const { renewal, state } = entry;
    if (renewal.source !== 'given' || state === 'undone' || renewal.old === renewal.new) continue;
    links.delete(renewal.new);
    links.set(renewal.old, entry);
  }
  return [...links.values()]
    .filter((entry) => !announced.get(entry.renewal.old)?.some((event) => isLater(event, entry, now)))
    .map(({ renewal }) => renewal);
}

/**
 * Whether an event came after an entry was written. A time in the future is not trusted, because then a clock was
 * wrong, and the record numbers decide.
 */
export function isLater({ recordId, timeCreated }: LifecycleEvent, { renewal, at }: LedgerEntry, now: number): boolean {
  const known = renewal.eventRecordId;
  if (recordId === known || Date.parse(timeCreated) > now) return false;
  if (Date.parse(at) > now) return known !== null && recordId > known;
  return Date.parse(timeCreated) > Date.parse(at);
}

/**
 * The last event of each pair that SYSTEM or an administrator wrote: an event by anybody else never releases a held
 * renewal. Later events have higher numbers, because a cleared log contains none of the earlier ones.
 */
export function lastAnnouncements({ lifecycle: { events } }: Snapshot): ReadonlyMap<string, LifecycleEvent> {
  const last = new Map<string, LifecycleEvent>();
  for (const event of events) {
    const pair = announcedPair(event);
    if (pair === null || !isWrittenByAuthority(event)) continue;
    const known = last.get(pairText(pair));
    if (known === undefined || known.recordId < event.recordId) last.set(pairText(pair), event);
  }
  return last;
}

/** Every old certificate on the ways that begin with these. */
export function reachable(
  links: readonly Renewal[],
  from: readonly { readonly old: Thumbprint }[],
): ReadonlySet<Thumbprint> {
  const byOld = groupBy(links, ({ old }) => old);
  const found = new Set<Thumbprint>();
  const waiting = from.map(({ old }) => old);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    for (const link of byOld.get(next) ?? []) waiting.push(link.new);
  }
  return found;
}
