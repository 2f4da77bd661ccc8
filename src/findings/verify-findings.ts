import type { Renewal } from '../model/certificates/renewal.ts';
import { finding } from '../model/documents/finding.ts';
import type { Finding } from '../model/documents/status.ts';
import type { VerifiedEndpoint } from '../model/documents/verify.ts';
import { makersCommand, reportedKindOf } from '../model/holders/reported.ts';
import { reportedRules } from '../model/holders/reported-kinds.ts';
import { outstandingRenewals, renewalsInForce } from '../plan/outstanding-renewals.ts';
import { isBackOnOld, pendingFinding } from './doctor/mechanism-findings.ts';
import { leftBehind } from './left-behind.ts';
import { openRunFinding } from './open-runs.ts';
import type { StatusFacts } from './server-status.ts';

/**
 * What is wrong with endpoints besides that they differ: those that serve a replaced certificate, a run that has not
 * finished, and records that hold the old certificate again after an earlier run had set the new one.
 */
export function verifyFindings(facts: StatusFacts, endpoints: readonly VerifiedEndpoint[]): readonly Finding[] {
  const { snapshot, ledger, configuration, openRuns } = facts;
  const { pending } = outstandingRenewals(snapshot, ledger, configuration);
  const back = pending.filter(isBackOnOld);
  return [
    ...leftBehind(endpoints, facts),
    ...servedOld(endpoints, renewalsInForce(snapshot, ledger, configuration)),
    ...openRuns.map(openRunFinding),
    ...back.map((one) => pendingFinding(one, snapshot)),
  ];
}

/** Not known which certificate a role names, and the endpoint serves an old certificate. */
function servedOld(endpoints: readonly VerifiedEndpoint[], renewals: readonly Renewal[]): readonly Finding[] {
  return endpoints.flatMap(({ key, expected, thumbprint, endpoint }) => {
    const kind = reportedKindOf(key);
    const renewal = renewals.find(({ old }) => old === thumbprint);
    if (kind === null || expected !== '' || renewal === undefined) return [];
    const { command } = makersCommand(reportedRules[kind], renewal);
    const message = `${reportedRules[kind].called} still serves ${renewal.old} on port ${endpoint.port}.`;
    return finding('change-by-hand', message, { key, command });
  });
}
