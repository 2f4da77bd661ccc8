import { groupBy } from '../../base/group.ts';
import { memoize } from '../../base/memoize.ts';
import { type Decision, keepsOld, type Ledger, type LedgerRenewal } from '../../documents/runs/ledger.ts';
import { concernedBy, factsNow, isTriedAgain } from '../../documents/runs/rolled-back.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { pairText, type Renewal } from '../../model/certificates/renewal.ts';
import { isLater, lastAnnouncements } from './renewals.ts';

/** What was decided against a renewal at one place. `isOver`: its cause has gone, so that it is tried again there. */
export interface Hold {
  readonly decision: HoldingDecision;
  readonly isOver: boolean;
}

export type HoldingDecision = Omit<Decision, 'place'>;

/** As the end of a sentence about the renewal. Whoever rebinds the other way takes it back as well as `undo` does. */
export function whatEnded({ by, run }: HoldingDecision): string {
  if (by === 'person') return run === null ? 'was given up' : `was taken back by run ${run}`;
  return run === null ? 'was rolled back' : `was rolled back by run ${run}`;
}

/** `null` if nothing was decided against a renewal at a place. */
export type FindHold = (place: KeyText, renewal: Pick<Renewal, 'old' | 'new'>) => Hold | null;

/**
 * A person's decision holds where it was made; what a run rolled back is on hold as far as its cause reaches: a chain that
 * clients did not get, at every place; a killed run, nowhere until it is the third in a row; everything else, at that place.
 * What a person gave holds against the other way round, which a property tells without a time. A newer event that announces
 * the pair ends all of that, and so does the end of the cause for which a run rolled it back.
 */
export function findHolds({ renewals, decisions, pendingRollbacks }: Ledger, snapshot: Snapshot): FindHold {
  const holding = decisions.filter(keepsOld);
  const given = lastWordAgainst(renewals, holding);
  if (holding.length + given.size === 0) return () => null;
  const now = Date.parse(snapshot.takenAt);
  const announcements = lastAnnouncements(snapshot);
  const byPlace = groupBy(holding, ({ place }) => place);
  const everywhere = new Map(
    holding.flatMap((one) => (one.cause?.kind === 'chain' ? [[pairText(one), one] as const] : [])),
  );
  const pending = new Set(pendingRollbacks.map(({ key }) => key));
  const facts = factsNow(snapshot);
  const judge = memoize((decision: Decision): Hold => {
    // First a place has to be again what it was.
    const isOwed = concernedBy(decision).some((key) => pending.has(key));
    return { decision, isOver: !isOwed && isTriedAgain(decision, snapshot, facts) };
  });
  return (place, renewal) => {
    const pair = pairText(renewal);
    const event = announcements.get(pair);
    const own = byPlace.get(place)?.filter((one) => pairText(one) === pair) ?? [];
    const isStanding = (one: Pick<Decision, 'event' | 'at'>) => event === undefined || !isLater(event, one, now);
    const against = [...own, everywhere.get(pair) ?? []].flat().filter(isStanding).map(judge);
    const back = given.get(pair);
    if (back !== undefined) {
      const decision = decisionOf(back);
      if (isStanding(decision)) against.push({ decision, isOver: false });
    }
    return against.find((one) => !one.isOver) ?? against[0] ?? null;
  };
}

/**
 * What was given, by the way back of it, unless a run has worked on that since. A run without a step says nothing, and one
 * that itself went back was decided at its places.
 */
function lastWordAgainst(
  renewals: readonly LedgerRenewal[],
  holding: readonly Decision[],
): ReadonlyMap<string, LedgerRenewal> {
  const decided = new Set(holding.map((one) => `${one.run} ${pairText(one)}`));
  const given = new Map<string, LedgerRenewal>();
  for (const one of renewals) {
    const { old, new: successor, source } = one.renewal;
    const back = pairText({ old: successor, new: old });
    given.delete(pairText(one.renewal));
    if (source === 'given' && one.run !== null && !decided.has(`${one.run} ${back}`)) given.set(back, one);
  }
  return given;
}

/** A person's, against the way back of what they gave. */
function decisionOf({ renewal, run, at }: LedgerRenewal): HoldingDecision {
  const { old, new: successor, eventRecordId: event } = renewal;
  const shared = { what: 'keeps-old', by: 'person', cause: null, attempts: 0, facts: null } as const;
  return { ...shared, old: successor, new: old, event, run, at };
}
