import type { Ledger, LedgerEntry } from '../documents/runs/ledger.ts';
import { holdersByKey, isMovable, kindOf, partOf, thumbprintOf } from '../holders/holder.ts';
import type { KeyText } from '../holders/record-key.ts';
import type { Snapshot } from '../holders/snapshot.ts';
import { isKnown } from '../holders/unknown-parts.ts';
import type { Succession } from './succession.ts';
import { unreadableRecords } from './unreadable.ts';

/**
 * Where an endpoint served something older than what is set, or what was rolled back, when a run last saw it, with what
 * the ledger says of it. A holder that was changed to another certificate since is not among them; one that went on to
 * a later renewal is, and one that cannot be read, or whose renewals cannot.
 */
export function looksDue(
  snapshot: Snapshot,
  ledger: Ledger,
  { replacedBy }: Pick<Succession, 'replacedBy'>,
): ReadonlyMap<KeyText, LedgerEntry> {
  const open = ledger.entries.filter(({ stillOld = [] }) => stillOld.length > 0);
  if (open.length === 0) return new Map();
  const holders = holdersByKey(snapshot);
  const seesLineage = isKnown(snapshot, 'lifecycle');
  const stands = ({ renewal, state }: LedgerEntry, key: KeyText) => {
    const holder = holders.get(key);
    if (holder === undefined) return mayStand(snapshot, key);
    const now = thumbprintOf(holder);
    if (now === null || state === 'undone') return now === renewal.old;
    // Of a renewal that cannot be read it is not known that it is none.
    return now === renewal.new || replacedBy(now).has(renewal.new) || !seesLineage;
  };
  return new Map(
    open.flatMap((entry) =>
      (entry.stillOld ?? []).filter((key) => stands(entry, key)).map((key) => [key, entry] as const),
    ),
  );
}

function mayStand(snapshot: Snapshot, key: KeyText): boolean {
  const kind = kindOf(key);
  if (kind !== 'tls') return isMovable(kind) && !isKnown(snapshot, partOf(kind));
  const { keys, nameless } = unreadableRecords(snapshot);
  return keys.has(key) || nameless > 0;
}
