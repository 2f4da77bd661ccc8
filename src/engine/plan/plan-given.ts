import { CertRebindError } from '../../base/errors.ts';
import type { Configuration } from '../../documents/configuration.ts';
import type { Ledger } from '../../documents/runs/ledger.ts';
import type { Plan, Purpose } from '../../documents/runs/plan.ts';
import { holdersInUse, otherUses, thumbprintOf } from '../../kinds/holder.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { isBesideStores, isKnown } from '../../kinds/unknown-parts.ts';
import type { Renewal } from '../../model/certificates/renewal.ts';
import { withMove } from './known-moves.ts';
import { planRebind } from './plan-rebind.ts';

export interface GivenRequest {
  readonly snapshot: Snapshot;
  readonly renewal: Renewal;
  readonly configuration: Configuration;
  readonly ledger: Ledger;
  readonly reapply: boolean;
  readonly purpose?: Purpose;
  /** The option that names the old one, for errors; `--old` when absent. */
  readonly oldOption?: string;
}

/**
 * The plan for a pair that a person named.
 * @throws CertRebindError `no-such-certificate` if this server knows nothing of the old certificate and no record holds
 * the new one: it was probably mistyped, and "nothing to do" would be taken for success
 */
export function planGiven({
  snapshot,
  renewal,
  configuration,
  ledger,
  reapply,
  purpose = 'rebind',
  oldOption = '--old',
}: GivenRequest): Plan {
  if (isUnknown(snapshot, renewal)) {
    throw new CertRebindError('no-such-certificate', {
      message: `This server has no certificate ${renewal.old}: it is not in My or WebHosting, and nothing uses it or ${renewal.new}.`,
      where: oldOption,
    });
  }
  return planRebind({ snapshot, renewals: [withMove(renewal, snapshot)], configuration, ledger, reapply, purpose });
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
