import type { Certificate } from '../model/certificate.ts';
import type { Configuration } from '../model/configuration.ts';
import { certificateNames, coversHost } from '../model/host-name.ts';
import type { Ledger, LedgerEntry } from '../model/ledger.ts';
import { isWrittenByAuthority, type LifecycleEvent, replacedEvent } from '../model/lifecycle-event.ts';
import type { Renewal } from '../model/renewal.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Thumbprint } from '../model/thumbprint.ts';
import { closeRenewals } from './close-renewals.ts';
import { compareText } from './order.ts';

export interface EventSelection {
  /** Only the event of this number; without it all. */
  readonly recordId?: number;
  /** Leaves out what is settled or undone and was not announced again since. */
  readonly ledger?: Ledger;
}

/** The renewals that 1001 events announce; an event without two different readable thumbprints announces none. */
export function renewalsFromEvents(snapshot: Snapshot, { recordId, ledger }: EventSelection = {}): readonly Renewal[] {
  const named = new Set(renewalsFromProperties(snapshot).map(pairText));
  const remembered = ledger === undefined ? new Map() : entriesByPair(ledger);
  return snapshot.lifecycle.events.flatMap((event) => {
    if (recordId !== undefined && event.recordId !== recordId) return [];
    const pair = announcedPair(event);
    if (pair === null || isClosed(remembered.get(pairText(pair)), event.timeCreated)) return [];
    const corroborated = isWrittenByAuthority(event) || named.has(pairText(pair));
    return { ...pair, source: 'event', corroborated, eventRecordId: event.recordId };
  });
}

/** The renewals that old certificates name themselves, archived ones too: one link each, closed where they are planned. */
export function renewalsFromProperties({ certificates }: Snapshot): readonly Renewal[] {
  const links = new Map<string, Renewal>();
  for (const { thumbprint, renewedTo } of certificates) {
    if (renewedTo === null || renewedTo === thumbprint) continue;
    const link: Renewal = {
      old: thumbprint,
      new: renewedTo,
      source: 'renewal-property',
      corroborated: true,
      eventRecordId: null,
    };
    links.set(pairText(link), link);
  }
  return [...links.values()];
}

/**
 * The renewals that likeness suggests: for a certificate that some record holds, every certificate with a key, from the
 * same issuer or one the policy names, that covers all its names and ends later. Two of them that are not each other's
 * successors leave the pair ambiguous; nothing is guessed.
 */
export function renewalsFromNames(snapshot: Snapshot, { issuers }: Configuration): readonly Renewal[] {
  const byName = new Map<string, Certificate[]>();
  for (const certificate of snapshot.certificates) {
    if (certificate.key === 'missing' || certificate.archived) continue;
    for (const name of certificateNames(certificate)) append(byName, name, certificate);
  }
  const held = new Set(snapshot.records.map(({ thumbprint }) => thumbprint));
  const links = new Map<string, Renewal>();
  const waiting = snapshot.certificates.filter(({ thumbprint }) => held.has(thumbprint));
  const seen = new Set<Thumbprint>();
  for (let old = waiting.pop(); old !== undefined; old = waiting.pop()) {
    if (seen.has(old.thumbprint)) continue;
    seen.add(old.thumbprint);
    for (const successor of likely(old, byName)) {
      if (!succeeds(old, successor, issuers)) continue;
      const link: Renewal = {
        old: old.thumbprint,
        new: successor.thumbprint,
        source: 'same-names',
        corroborated: true,
        eventRecordId: null,
      };
      links.set(pairText(link), link);
      waiting.push(successor);
    }
  }
  return [...links.values()];
}

/**
 * Every link that a run should know of because something is still to be done: what events, renewal properties and, by
 * policy, likeness tell about certificates that records hold, without what the ledger closed. The links come as learnt;
 * `closeRenewals` and `planRebind` join them.
 */
export function pendingRenewals(snapshot: Snapshot, ledger: Ledger, configuration: Configuration): readonly Renewal[] {
  const links = [
    ...renewalsFromEvents(snapshot),
    ...renewalsFromProperties(snapshot),
    ...(configuration.successors === 'same-names' ? renewalsFromNames(snapshot, configuration) : []),
  ];
  const held = new Set(snapshot.records.map(({ thumbprint }) => thumbprint));
  const remembered = entriesByPair(ledger);
  const announcedAt = lastAnnouncements(snapshot);
  const isOpen = (renewal: Renewal) =>
    !isClosed(remembered.get(pairText(renewal)), announcedAt.get(pairText(renewal)) ?? null);
  const closed = closeRenewals(links);
  const open = [
    ...closed.renewals.filter((renewal) => held.has(renewal.old) && isOpen(renewal)),
    ...closed.unresolved.filter(({ old, candidates }) => held.has(old) && candidates.some(isOpen)),
  ];
  const wanted = reachable(
    links,
    open.map(({ old }) => old),
  );
  return links
    .filter(({ old }) => wanted.has(old))
    .sort((a, b) => compareText(pairText(a), pairText(b)) || (a.eventRecordId ?? 0) - (b.eventRecordId ?? 0));
}

/** A pair is closed when the ledger says so and no event has announced it again since. */
function isClosed(entry: LedgerEntry | undefined, announcedAt: string | null): boolean {
  if (entry === undefined || (entry.state !== 'settled' && entry.state !== 'undone')) return false;
  return announcedAt === null || Date.parse(announcedAt) <= Date.parse(entry.at);
}

function lastAnnouncements(snapshot: Snapshot): ReadonlyMap<string, string> {
  const last = new Map<string, string>();
  for (const event of snapshot.lifecycle.events) {
    const pair = announcedPair(event);
    if (pair === null) continue;
    const known = last.get(pairText(pair));
    if (known === undefined || Date.parse(known) < Date.parse(event.timeCreated))
      last.set(pairText(pair), event.timeCreated);
  }
  return last;
}

function announcedPair({ eventId, old, new: successor }: LifecycleEvent): Pick<Renewal, 'old' | 'new'> | null {
  if (eventId !== replacedEvent || old === null || successor === null) return null;
  if (old.thumbprint === null || successor.thumbprint === null || old.thumbprint === successor.thumbprint) return null;
  return { old: old.thumbprint, new: successor.thumbprint };
}

function reachable(links: readonly Renewal[], from: readonly Thumbprint[]): ReadonlySet<Thumbprint> {
  const successors = new Map<Thumbprint, Thumbprint[]>();
  for (const link of links) append(successors, link.old, link.new);
  const found = new Set<Thumbprint>();
  const waiting = [...from];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    waiting.push(...(successors.get(next) ?? []));
  }
  return found;
}

/** Certificates that share a name with the old one, by its own spelling or by the wildcard above it. */
function likely(old: Certificate, byName: ReadonlyMap<string, readonly Certificate[]>): readonly Certificate[] {
  const [name] = certificateNames(old);
  if (name === undefined) return [];
  return [...(byName.get(name) ?? []), ...(byName.get(`*${name.slice(name.indexOf('.'))}`) ?? [])];
}

function succeeds(old: Certificate, successor: Certificate, issuers: readonly string[]): boolean {
  return (
    successor.thumbprint !== old.thumbprint &&
    (successor.issuer === old.issuer || issuers.includes(successor.issuer)) &&
    Date.parse(successor.notBefore) > Date.parse(old.notBefore) &&
    Date.parse(successor.notAfter) > Date.parse(old.notAfter) &&
    certificateNames(old).every((name) => coversHost(successor, name))
  );
}

function entriesByPair({ entries }: Ledger): ReadonlyMap<string, LedgerEntry> {
  return new Map(entries.map((entry) => [pairText(entry.renewal), entry]));
}

function pairText(pair: Pick<Renewal, 'old' | 'new'>): string {
  return `${pair.old} ${pair.new}`;
}

function append<Key, Item>(map: Map<Key, Item[]>, key: Key, item: Item): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else list.push(item);
}
