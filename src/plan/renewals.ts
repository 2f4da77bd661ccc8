import type { Certificate } from '../certificates/certificate.ts';
import { certificateNames, coversHost } from '../certificates/host-name.ts';
import { pairText, type Renewal } from '../certificates/renewal.ts';
import type { Thumbprint } from '../certificates/thumbprint.ts';
import type { Configuration } from '../documents/configuration.ts';
import { recordsOf } from '../holders/holder.ts';
import type { Snapshot } from '../holders/snapshot.ts';
import { append } from '../text/group.ts';
import { isWrittenByAuthority, type LifecycleEvent, replacedEvent } from '../windows/lifecycle-event.ts';

export interface EventSelection {
  /** Only the event of this number; without it all. */
  readonly recordId?: number;
}

/** The renewals that 1001 events announce; an event without two different readable thumbprints announces none. */
export function renewalsFromEvents(snapshot: Snapshot, { recordId }: EventSelection = {}): readonly Renewal[] {
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
 * The renewals that matching names suggest: for a certificate in a record, every certificate with a key, from the same
 * issuer or one the policy names, that covers all its names and ends later. Two of them that do not follow one another
 * leave the pair ambiguous; nothing is guessed.
 */
export function renewalsFromNames(snapshot: Snapshot, { issuers }: Configuration): readonly Renewal[] {
  const byName = new Map<string, [Certificate, ...Certificate[]]>();
  for (const certificate of snapshot.certificates) {
    if (certificate.key === 'missing' || certificate.archived) continue;
    for (const name of certificateNames(certificate)) append(byName, name, certificate);
  }
  const held = new Set(recordsOf(snapshot).map(({ thumbprint }) => thumbprint));
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

/** The pair that an event announces; `null` without two different readable thumbprints. */
export function announcedPair({ eventId, old, new: successor }: LifecycleEvent): Pick<Renewal, 'old' | 'new'> | null {
  if (eventId !== replacedEvent || old === null || successor === null) return null;
  if (old.thumbprint === null || successor.thumbprint === null || old.thumbprint === successor.thumbprint) return null;
  return { old: old.thumbprint, new: successor.thumbprint };
}

/** Certificates that share a name with the old one, either the same name or the wildcard above it. */
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
