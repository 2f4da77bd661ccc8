import { CertRebindError } from '../../base/errors.ts';
import type { Plan } from '../../documents/runs/plan.ts';
import { holdersInUse, otherUses, thumbprintOf } from '../../kinds/holder.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { isBesideStores, isKnown } from '../../kinds/unknown-parts.ts';
import type { Renewal } from '../../model/certificates/renewal.ts';
import { withMove } from './known-moves.ts';
import { planRebind, type RebindRequest } from './plan-rebind.ts';

/**
 * The plan for pairs that a person named.
 * @param oldOption what named the old ones, for errors
 * @throws CertRebindError `no-such-certificate` if this server knows nothing of the old certificate and no record holds
 * the new one: it was probably mistyped, and "nothing to do" would be taken for success
 */
export function planGiven(request: RebindRequest, oldOption: string): Plan {
  const { snapshot, renewals } = request;
  const unknown = renewals.find((renewal) => isUnknown(snapshot, renewal));
  if (unknown !== undefined) {
    throw new CertRebindError('no-such-certificate', {
      message: `This server has no certificate ${unknown.old}: it is not in My or WebHosting, and nothing uses it or ${unknown.new}.`,
      where: oldOption,
    });
  }
  return planRebind({ ...request, renewals: renewals.map((renewal) => withMove(renewal, snapshot)) });
}

/** Parts that were not looked at, or could not be read, may contain it. */
function isUnknown(snapshot: Snapshot, pair: Renewal): boolean {
  const { certificates, unreadable } = snapshot;
  if (!isKnown(snapshot, 'others') || !unreadable.every(isBesideStores)) return false;
  const holds = (held: string | null) => held === pair.old || held === pair.new;
  return (
    !certificates.some(({ thumbprint }) => thumbprint === pair.old) &&
    !holdersInUse(snapshot).some((holder) => holds(thumbprintOf(holder))) &&
    !otherUses(snapshot).some(({ hash }) => holds(hash))
  );
}
