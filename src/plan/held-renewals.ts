import { pairText, type Renewal } from '../certificates/renewal.ts';
import { type Decision, keepsOld, type Ledger } from '../documents/runs/ledger.ts';
import { concernedBy, factsNow, isTriedAgain } from '../documents/runs/rolled-back.ts';
import type { KeyText } from '../holders/record-key.ts';
import type { Snapshot } from '../holders/snapshot.ts';
import { groupBy } from '../text/group.ts';
import { isLater, lastAnnouncements } from './renewals.ts';

/** A decision against a renewal at one place. `isOver`: its cause has gone, so that it is tried again there. */
export interface Hold {
  readonly decision: Decision;
  readonly isOver: boolean;
}

/** `null` if nothing was decided against a renewal at a place. */
export type FindHold = (place: KeyText, renewal: Pick<Renewal, 'old' | 'new'>) => Hold | null;

/**
 * A person's decision holds where it was made; what a run rolled back is on hold as far as its cause reaches: a chain that
 * clients did not get, at every place; a killed run, nowhere until it is the third in a row; everything else, at that place.
 * A newer event that announces the pair ends all of that, and so does the end of the cause for which a run rolled it back.
 */
export function findHolds({ decisions, pendingRollbacks }: Ledger, snapshot: Snapshot): FindHold {
  const holding = decisions.filter(keepsOld);
  if (holding.length === 0) return () => null;
  const now = Date.parse(snapshot.takenAt);
  const announcements = lastAnnouncements(snapshot);
  const byPlace = groupBy(holding, ({ place }) => place);
  const everywhere = new Map(
    holding.flatMap((one) => (one.cause?.kind === 'chain' ? [[pairText(one), one] as const] : [])),
  );
  const pending = new Set(pendingRollbacks.map(({ key }) => key));
  const facts = factsNow(snapshot);
  const isOver = (decision: Decision) =>
    // First a place has to be again what it was.
    !concernedBy(decision).some((key) => pending.has(key)) && isTriedAgain(decision, snapshot, facts);
  const judged = new Map<Decision, boolean>();
  const judge = (decision: Decision): Hold => {
    const over = judged.get(decision) ?? isOver(decision);
    judged.set(decision, over);
    return { decision, isOver: over };
  };
  return (place, renewal) => {
    const pair = pairText(renewal);
    const event = announcements.get(pair);
    const own = byPlace.get(place)?.filter((one) => pairText(one) === pair) ?? [];
    const against = [...own, everywhere.get(pair) ?? []]
      .flat()
      .filter((one) => event === undefined || !isLater(event, one, now))
      .map(judge);
    return against.find((one) => !one.isOver) ?? against[0] ?? null;
  };
}
