import type { Finding } from '../model/documents/status.ts';
import { outstandingRenewals } from '../plan/outstanding-renewals.ts';
import { pendingFinding } from './doctor/mechanism-findings.ts';
import { openRunFinding } from './open-runs.ts';
import type { StatusFacts } from './server-status.ts';

/**
 * Why endpoints that serve what their records name may be wrong all the same: a run that is not at its end, and records
 * that hold the old certificate again though an earlier run had brought in the new one.
 */
export function verifyFindings({ snapshot, ledger, configuration, openRuns }: StatusFacts): readonly Finding[] {
  const { pending } = outstandingRenewals(snapshot, ledger, configuration);
  const back = pending.filter(({ entry }) => entry?.state === 'settled');
  return [...openRuns.map(openRunFinding), ...back.map((one) => pendingFinding(one, snapshot))];
}
