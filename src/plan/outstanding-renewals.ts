import { byThumbprint } from '../certificates/named-certificate.ts';
import { pairText, type Renewal } from '../certificates/renewal.ts';
import type { Thumbprint } from '../certificates/thumbprint.ts';
import type { Configuration } from '../documents/configuration.ts';
import type { Ledger, LedgerEntry } from '../documents/runs/ledger.ts';
import { isTriedAgain } from '../documents/runs/rolled-back.ts';
import { recordsOf, thumbprintOf } from '../holders/holder.ts';
import type { KeyText } from '../holders/record-key.ts';
import type { Snapshot } from '../holders/snapshot.ts';
import { groupBy } from '../text/group.ts';
import { compareText, distinct } from '../text/order.ts';
import { isWrittenByAuthority, type LifecycleEvent } from '../windows/lifecycle-event.ts';
import { bindingsByRecord } from './bindings-of-records.ts';
import { nextScheduledStart, type ScheduledStart, waits } from './change-window.ts';
import { closeRenewals, type UnresolvedRenewal } from './close-renewals.ts';
import { isMoved, whyNotMoved } from './decide-holder.ts';
import { leftAlone } from './left-alone.ts';
import { announcedPair, renewalsFromEvents, renewalsFromProperties } from './renewals.ts';
import { type NamesFound, renewalsFromNames } from './renewals-from-names.ts';
import { standingInPlan } from './standing-in-plan.ts';

/** A renewal whose old certificate is on holders that CertRebind may change. */
export interface StandingRenewal {
  readonly renewal: Renewal;
  /** The keys of the holders of the old certificate, certificate bindings first; never empty. */
  readonly onOld: readonly KeyText[];
  /** The keys of those that hold the new certificate already. */
  readonly onNew: readonly KeyText[];
  /** What earlier runs did with it. */
  readonly entry: LedgerEntry | null;
  /** Whether it was rolled back, and is tried again because its cause has gone. */
  readonly again: boolean;
  /** When it is applied, if it only waits for the window; `null` otherwise. */
  readonly waitsFor: ScheduledStart | null;
}

/** A renewal that only a person applies again. */
export interface KeptRenewal extends Pick<StandingRenewal, 'renewal' | 'onOld'> {
  /** The entry that holds it. */
  readonly entry: LedgerEntry;
}

export interface OutstandingRenewals {
  /**
   * Every link that a plan needs, as learnt; `closeRenewals` and `planRebind` join them. Until they are settled, links
   * of certificates that only records of other products hold are included, so that a plan says why those are skipped.
   */
  readonly links: readonly Renewal[];
  /** Renewals to be applied, sorted by the old thumbprint. */
  readonly pending: readonly StandingRenewal[];
  /** Sorted by the old thumbprint too. */
  readonly held: readonly KeptRenewal[];
  /** Every renewal that this server or an earlier run knows, without those that were rolled back everywhere. */
  readonly inForce: readonly Renewal[];
  /** Those of which it is not clear what replaces the old certificate, with the holders that use it. */
  readonly unclear: readonly (UnresolvedRenewal & Pick<StandingRenewal, 'onOld'>)[];
  /** What only matching names suggest, and that is not taken, or not yet. */
  readonly suggested: Pick<NamesFound, 'doubts' | 'waiting'>;
}

/**
 * What still has to be done, judged by what the records hold: events, renewal properties and, by policy, matching names
 * tell which certificates were renewed. That a renewal was settled once says nothing about a record that holds the old
 * certificate now: a deployment tool, a restored registry or a lost write may have set it again. Only renewals that a
 * person or a failed proof put back stay so.
 */
export function outstandingRenewals(
  snapshot: Snapshot,
  ledger: Ledger,
  configuration: Configuration,
): OutstandingRenewals {
  const names = namesFound(snapshot, ledger, configuration);
  const learnt = learntRenewals(snapshot, ledger, configuration, names);
  const survey = surveyHolders(snapshot, configuration);
  const closed = closeRenewals(learnt);
  const { holding, isAgain } = holdingEntries(ledger, snapshot);
  const remembered = new Map(ledger.entries.map((entry) => [pairText(entry.renewal), entry]));
  const pending: StandingRenewal[] = [];
  const held: KeptRenewal[] = [];
  const startOf = startsFor(snapshot, configuration);
  for (const renewal of closed.renewals) {
    const onOld = survey.changeable(renewal);
    if (onOld.length === 0) continue;
    const holds = holding(renewal);
    const entry = holds?.entry ?? remembered.get(pairText(renewal)) ?? null;
    const [kept, left] = [onOld.filter((key) => isHeld(holds, key)), onOld.filter((key) => !isHeld(holds, key))];
    const onNew = survey.holding(renewal.new);
    if (left.length > 0) {
      const waitsFor = startOf(renewal, entry);
      pending.push({ renewal, onOld: left, onNew, entry, again: isAgain(renewal), waitsFor });
    }
    if (holds !== null && kept.length > 0) held.push({ renewal, onOld: kept, entry: holds.entry });
  }
  const isSettled = (renewal: Renewal) => remembered.get(pairText(renewal))?.state === 'settled';
  const isOpen = (renewal: Renewal) =>
    holding(renewal)?.at !== 'everywhere' &&
    (survey.changeable(renewal).some((key) => !isHeld(holding(renewal), key)) || !isSettled(renewal));
  const unclear = closed.unresolved.flatMap((one) => {
    const onOld = distinct(one.candidates.filter(isOpen).flatMap((candidate) => survey.changeable(candidate)));
    return onOld.length === 0 ? [] : [{ ...one, onOld }];
  });
  const isHeldByRecord = ({ old }: { readonly old: Thumbprint }) => survey.holding(old).length > 0;
  const wanted = reachable(learnt, [
    ...closed.renewals.filter((renewal) => isHeldByRecord(renewal) && isOpen(renewal)),
    ...closed.unresolved.filter((one) => isHeldByRecord(one) && one.candidates.some(isOpen)),
  ]);
  const links = learnt
    .filter(({ old }) => wanted.has(old))
    .sort((a, b) => compareText(pairText(a), pairText(b)) || (a.eventRecordId ?? 0) - (b.eventRecordId ?? 0));
  const isOpenHere = (thumbprint: Thumbprint) => survey.holding(thumbprint).length > 0;
  const suggested = {
    doubts: names.doubts.filter(({ old: { thumbprint } }) => isOpenHere(thumbprint) && !wanted.has(thumbprint)),
    waiting: names.waiting.filter(({ renewal: { old } }) => isOpenHere(old) && !wanted.has(old)),
  };
  return { links, pending, held, unclear, suggested, inForce: inForceAmong(learnt, ledger, holding) };
}

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
function namesFound(snapshot: Snapshot, ledger: Ledger, configuration: Configuration): NamesFound {
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
 * When a renewal that waits for the window is applied. One that a guard blocks, or whose certificate has yet to arrive,
 * waits for that instead.
 */
function startsFor(
  snapshot: Snapshot,
  configuration: Configuration,
): (renewal: Renewal, entry: LedgerEntry | null) => ScheduledStart | null {
  const scheduledStart = nextScheduledStart(snapshot, configuration);
  if (scheduledStart === null) return () => null;
  const certificates = byThumbprint(snapshot.certificates);
  return ({ old, early }, entry) => {
    if (early !== undefined) return null;
    const isKept = entry?.state === 'blocked' || entry?.reasons.some((reason) => reason !== 'outside-window') === true;
    return !isKept && waits(scheduledStart, certificates.get(old) ?? null, configuration) ? scheduledStart : null;
  };
}

/** `inForce` alone, for a plan that does not need the rest. */
export function renewalsInForce(snapshot: Snapshot, ledger: Ledger, configuration: Configuration): readonly Renewal[] {
  return inForceAmong(
    learntRenewals(snapshot, ledger, configuration),
    ledger,
    holdingEntries(ledger, snapshot).holding,
  );
}

function inForceAmong(learnt: readonly Renewal[], { entries }: Ledger, holding: FindHolding): readonly Renewal[] {
  const told = [...learnt, ...entries.map(({ renewal }) => renewal)];
  const byPair = new Map(told.filter((one) => one.old !== one.new).map((one) => [pairText(one), one]));
  return [...byPair.values()].filter((renewal) => holding(renewal)?.at !== 'everywhere');
}

interface HolderSurvey {
  readonly holding: (thumbprint: Thumbprint) => readonly KeyText[];
  /** The holders of the old certificate that may be changed to the new one. */
  readonly changeable: (renewal: Renewal) => readonly KeyText[];
}

function surveyHolders(snapshot: Snapshot, configuration: Configuration): HolderSurvey {
  const bindings = bindingsByRecord(snapshot.sites);
  const whyLeftAlone = leftAlone(configuration);
  const standing = standingInPlan(snapshot, configuration);
  const records = groupBy(
    recordsOf(snapshot)
      .filter(({ key }) => !standing.recordsInThem.has(key))
      .sort((a, b) => compareText(a.key, b.key)),
    ({ thumbprint }) => thumbprint,
  );
  const others = groupBy(
    standing.holders.filter((each) => isMoved(each, configuration)),
    ({ holder }) => thumbprintOf(holder),
  );
  const recordsHolding = (thumbprint: Thumbprint) => records.get(thumbprint) ?? [];
  const othersOf = (thumbprint: Thumbprint) => others.get(thumbprint) ?? [];
  return {
    holding: (thumbprint) => [
      ...recordsHolding(thumbprint).map(({ key }) => key),
      ...othersOf(thumbprint).map(({ holder: { key } }) => key),
    ],
    changeable: (renewal) => [
      ...recordsHolding(renewal.old)
        .filter((record) => whyLeftAlone(record, bindings.get(record.key) ?? [], renewal.new) === null)
        .map(({ key }) => key),
      ...othersOf(renewal.old)
        .filter((each) => whyNotMoved(each, configuration, renewal.new) === null)
        .map(({ holder: { key } }) => key),
    ],
  };
}

/** An entry that keeps a renewal from being applied, and at which holders. */
interface Holding {
  readonly entry: LedgerEntry;
  readonly at: 'everywhere' | readonly KeyText[];
}

/** `null` if nothing keeps a renewal from being applied. */
type FindHolding = (renewal: Renewal) => Holding | null;

function isHeld(holding: Holding | null, key: KeyText): boolean {
  return holding !== null && (holding.at === 'everywhere' || holding.at.includes(key));
}

/**
 * A renewal is held if a run or a person put its new certificate back, or if a person has since changed from the new
 * certificate to the old one. It is held only at single listeners if it was rolled back only there. A newer event that
 * announces it ends that, and so does the end of the cause for which a run put it back: then it is tried again.
 */
function holdingEntries(
  ledger: Ledger,
  snapshot: Snapshot,
): { readonly holding: FindHolding; readonly isAgain: (renewal: Renewal) => boolean } {
  const now = Date.parse(snapshot.takenAt);
  const announcements = lastAnnouncements(snapshot);
  const placed = new Map(ledger.entries.map((entry, place) => [pairText(entry.renewal), { entry, place }]));
  const hold = (renewal: Renewal): (Holding & { readonly isTakenBack: boolean }) | null => {
    const own = placed.get(pairText(renewal));
    const reverse = placed.get(pairText({ old: renewal.new, new: renewal.old }));
    const isTakenBack =
      reverse?.entry.state === 'settled' &&
      reverse.entry.renewal.source === 'given' &&
      // A later entry comes after an earlier one, whatever the clock said.
      reverse.place > (own?.place ?? -1);
    const entry = isTakenBack ? reverse.entry : own?.entry;
    const at = isTakenBack || entry?.state === 'undone' ? 'everywhere' : (entry?.heldAt ?? []);
    if (entry === undefined || at.length === 0) return null;
    const announced = announcements.get(pairText(renewal));
    return announced !== undefined && isLater(announced, entry, now) ? null : { entry, at, isTakenBack };
  };
  const isOver = (renewal: Renewal, { entry: { rolledBack }, isTakenBack }: NonNullable<ReturnType<typeof hold>>) =>
    !isTakenBack &&
    rolledBack !== undefined &&
    // First a place has to be again what it was.
    !ledger.debts.some(({ key }) => rolledBack.keys.includes(key)) &&
    isTriedAgain(rolledBack, renewal, snapshot);
  return {
    holding(renewal) {
      const held = hold(renewal);
      return held === null || isOver(renewal, held) ? null : held;
    },
    isAgain(renewal) {
      const held = hold(renewal);
      return held === null ? isUnfinishedTry(placed.get(pairText(renewal))?.entry) : isOver(renewal, held);
    },
  };
}

/** One that was to be tried again, and was neither applied nor rolled back. */
function isUnfinishedTry(entry: LedgerEntry | undefined): boolean {
  if (entry?.rolledBack === undefined || entry.heldAt !== undefined) return false;
  return entry.state !== 'settled' && entry.state !== 'undone' && entry.rolledBack.cause.kind !== 'person';
}

/**
 * Whether an event came after an entry was written. A time in the future is not trusted, because then a clock was
 * wrong, and the record numbers decide.
 */
function isLater({ recordId, timeCreated }: LifecycleEvent, { renewal, at }: LedgerEntry, now: number): boolean {
  const known = renewal.eventRecordId;
  if (recordId === known || Date.parse(timeCreated) > now) return false;
  if (Date.parse(at) > now) return known !== null && recordId > known;
  return Date.parse(timeCreated) > Date.parse(at);
}

/**
 * The last event of each pair that SYSTEM or an administrator wrote: an event by anybody else never releases a held
 * renewal. Later events have higher numbers, because a cleared log contains none of the earlier ones.
 */
function lastAnnouncements({ lifecycle: { events } }: Snapshot): ReadonlyMap<string, LifecycleEvent> {
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
function reachable(links: readonly Renewal[], from: readonly { readonly old: Thumbprint }[]): ReadonlySet<Thumbprint> {
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
