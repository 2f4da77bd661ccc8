import type { Decision } from '../../documents/runs/ledger.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { pairText, type Renewal } from '../../model/certificates/renewal.ts';
import { isWrittenByAuthority, type LifecycleEvent, replacedEvent } from '../../model/windows/lifecycle-event.ts';

/** The renewals that 1001 events announce, or only that of one number; an event without two different readable thumbprints announces none. */
export function renewalsFromEvents(snapshot: Snapshot, recordId?: number): readonly Renewal[] {
  const named = new Set(renewalsFromProperties(snapshot).map(pairText));
  return snapshot.lifecycle.events.flatMap((event) => {
    if (recordId !== undefined && event.recordId !== recordId) return [];
    const pair = announcedPair(event);
    if (pair === null) return [];
    const corroborated = isWrittenByAuthority(event) || named.has(pairText(pair));
    return { ...pair, source: 'event', corroborated, eventRecordId: event.recordId };
  });
}

/**
 * The renewals that old certificates name themselves, archived ones too: one link each, closed when they are planned.
 */
export function renewalsFromProperties({ certificates }: Pick<Snapshot, 'certificates'>): readonly Renewal[] {
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

/** The pair that an event announces; `null` without two different readable thumbprints. */
export function announcedPair({ eventId, old, new: successor }: LifecycleEvent): Pick<Renewal, 'old' | 'new'> | null {
  if (eventId !== replacedEvent || old === null || successor === null) return null;
  if (old.thumbprint === null || successor.thumbprint === null || old.thumbprint === successor.thumbprint) return null;
  return { old: old.thumbprint, new: successor.thumbprint };
}

/**
 * Whether an event came after something was remembered. A time in the future is not trusted, because then a clock was
 * wrong, and the record numbers decide. An event of the number that was known is taken for that one, also after the log
 * was cleared: what a person decided stays.
 */
export function isLater(
  { recordId, timeCreated }: LifecycleEvent,
  { event: known, at }: Pick<Decision, 'event' | 'at'>,
  now: number,
): boolean {
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
