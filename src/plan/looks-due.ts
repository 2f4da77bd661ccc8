import { lineageOf } from '../model/certificates/lineage.ts';
import type { Renewal } from '../model/certificates/renewal.ts';
import type { Configuration } from '../model/documents/configuration.ts';
import type { Snapshot } from '../model/documents/snapshot.ts';
import { holdersByKey, thumbprintOf } from '../model/holders/holder.ts';
import type { KeyText } from '../model/holders/record-key.ts';
import type { Ledger } from '../model/runs/ledger.ts';
import { renewalsInForce } from './outstanding-renewals.ts';

/**
 * Where an endpoint served something older than what is set, or what was rolled back, when a run last saw it, with the
 * renewal of that run. A holder that was changed to another certificate since is not among them, but one that went on
 * to a later renewal is.
 */
export function looksDue(
  snapshot: Snapshot,
  ledger: Ledger,
  configuration: Configuration,
): ReadonlyMap<KeyText, Renewal> {
  const open = ledger.entries.filter(({ stillOld = [] }) => stillOld.length > 0);
  if (open.length === 0) return new Map();
  const lineage = lineageOf(renewalsInForce(snapshot, ledger, configuration));
  const holders = holdersByKey(snapshot);
  return new Map(
    open.flatMap(({ renewal, state, stillOld = [] }) =>
      stillOld.flatMap((key) => {
        const now = thumbprintOf(holders.get(key) ?? null);
        if (now === null) return [];
        const stands = state === 'undone' ? now === renewal.old : now === renewal.new || lineage(now).has(renewal.new);
        return stands ? [[key, renewal] as const] : [];
      }),
    ),
  );
}
