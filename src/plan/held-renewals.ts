import { pairText, type Renewal } from '../certificates/renewal.ts';
import type { Ledger, LedgerEntry } from '../documents/runs/ledger.ts';
import { isTriedAgain } from '../documents/runs/rolled-back.ts';
import type { KeyText } from '../holders/record-key.ts';
import type { Snapshot } from '../holders/snapshot.ts';
import { isLater, lastAnnouncements } from './renewals.ts';

/** An entry that keeps a renewal from being applied, and at which holders. */
interface Holding {
  readonly entry: LedgerEntry;
  readonly at: 'everywhere' | readonly KeyText[];
}

/** `null` if nothing keeps a renewal from being applied. */
export type FindHolding = (renewal: Renewal) => Holding | null;

export function isHeld(holding: Holding | null, key: KeyText): boolean {
  return holding !== null && (holding.at === 'everywhere' || holding.at.includes(key));
}

/**
 * A renewal is held if a run or a person put its new certificate back, or if a person has since changed from the new
 * certificate to the old one. It is held only at single listeners if it was rolled back only there. A newer event that
 * announces it ends that, and so does the end of the cause for which a run put it back: then it is tried again.
 */
export function holdingEntries(
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
