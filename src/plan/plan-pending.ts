import type { Configuration } from '../model/configuration.ts';
import type { Ledger } from '../model/ledger.ts';
import type { Plan } from '../model/plan.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { logGap } from './log-gap.ts';
import { planRebind } from './plan-rebind.ts';
import { pendingRenewals } from './renewals.ts';

/**
 * The plan for whatever is pending: what `on-event` and `reconcile` both do. Events are only one of its sources, so a log
 * that lost some is noted and loses nothing that a renewal property, or by policy likeness, still tells.
 */
export function planPending(snapshot: Snapshot, ledger: Ledger, configuration: Configuration): Plan {
  const gap = logGap(ledger.listing, snapshot.lifecycle);
  return planRebind({
    snapshot,
    renewals: pendingRenewals(snapshot, ledger, configuration),
    configuration,
    notes: gap === null ? [] : [{ code: 'log-gap', text: gap }],
  });
}
