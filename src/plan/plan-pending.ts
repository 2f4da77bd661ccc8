import type { Configuration } from '../model/configuration.ts';
import type { Ledger } from '../model/ledger.ts';
import type { Plan } from '../model/plan.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { logGap } from './log-gap.ts';
import { planRebind } from './plan-rebind.ts';
import { pendingRenewals } from './renewals.ts';

/**
 * The plan for whatever is pending: what `plan` shows, and `on-event` and `reconcile` do. Events are only one of its
 * sources, so a log that lost some is noted and loses nothing that a renewal property, or by policy likeness, still tells.
 */
export function planPending(snapshot: Snapshot, ledger: Ledger, configuration: Configuration): Plan {
  // A log that nobody looked at, in an imported capture for example, has lost nothing.
  const gap = snapshot.notLookedAt.includes('lifecycle') ? null : logGap(ledger.listing, snapshot.lifecycle);
  return planRebind({
    snapshot,
    renewals: pendingRenewals(snapshot, ledger, configuration),
    configuration,
    notes: gap === null ? [] : [{ code: 'log-gap', text: gap }],
  });
}
