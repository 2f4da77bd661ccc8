import { type Decision, type Ledger, rememberedOf } from '../../documents/runs/ledger.ts';
import { isMovable, kindOf, snapshotPartOf, thumbprintOf } from '../../kinds/holder.ts';
import { holdersByKey } from '../../kinds/place.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { isKnown } from '../../kinds/unknown-parts.ts';
import { givenRenewal, type Renewal } from '../../model/certificates/renewal.ts';
import type { Succession } from './succession.ts';
import { unreadableRecords } from './unreadable.ts';

/**
 * Where an endpoint served something older than what is set, or what was rolled back, when a run last saw it. A holder that was changed to another certificate since is not among them; one that went on to
 * a later renewal is, and one that cannot be read, or whose renewals cannot.
 */
export function looksDue(
  snapshot: Snapshot,
  ledger: Ledger,
  { replacedBy }: Pick<Succession, 'replacedBy'>,
): ReadonlyMap<KeyText, Decision> {
  const open = ledger.decisions.filter(({ what }) => what === 'serves-old' || what === 'serves-new');
  if (open.length === 0) return new Map();
  const holders = holdersByKey(snapshot);
  const seesLineage = isKnown(snapshot, 'lifecycle');
  const stands = ({ place, old, new: successor, what }: Decision) => {
    const holder = holders.get(place);
    if (holder === undefined) return mayStand(snapshot, place);
    const now = thumbprintOf(holder);
    if (now === null || what === 'serves-new') return now === old;
    // Of a renewal that cannot be read it is not known that it is none.
    return now === successor || replacedBy(now).has(successor) || !seesLineage;
  };
  return new Map(open.filter(stands).map((one) => [one.place, one]));
}

/** The renewals that are checked again at these places. */
export function renewalsDue(due: ReadonlyMap<KeyText, Decision>, ledger: Ledger): ReadonlyMap<KeyText, Renewal> {
  return new Map(
    [...due].map(([key, one]) => [key, rememberedOf(ledger, one)?.renewal ?? givenRenewal(one.old, one.new)]),
  );
}

function mayStand(snapshot: Snapshot, key: KeyText): boolean {
  const kind = kindOf(key);
  if (kind !== 'tls') return isMovable(kind) && !isKnown(snapshot, snapshotPartOf(kind));
  const { keys, nameless } = unreadableRecords(snapshot);
  return keys.has(key) || nameless > 0;
}
