import type { Finding } from '../../model/status.ts';
import { outstandingRenewals } from '../outstanding-renewals.ts';
import { indexCandidates } from './candidates.ts';
import { certificateFindings, uncoveredNames } from './certificate-findings.ts';
import type { DoctorFacts } from './facts.ts';
import { bySeverity } from './finding.ts';
import { mechanismFindings } from './mechanism-findings.ts';
import { recordFindings } from './record-findings.ts';
import {
  ftpsFindings,
  installationFindings,
  legacyFindings,
  trustFindings,
  unreadableFindings,
} from './server-findings.ts';
import { shadowedNames } from './shadow-findings.ts';
import { surveyServer } from './survey.ts';
import { servedRecords, wireFindings } from './wire-findings.ts';

const dayMs = 24 * 60 * 60 * 1000;

/**
 * Every difference between IIS, HTTP.SYS and the wire, and everything that would keep a renewal from being noticed; the
 * worst first. Pure, and linear in the size of the server.
 */
export function diagnose(facts: DoctorFacts): readonly Finding[] {
  const { snapshot } = facts;
  // What nobody looked at, in an imported capture for example, is not missing.
  const seesRecords = !snapshot.notLookedAt.includes('records');
  const seesCertificates = !snapshot.notLookedAt.includes('certificates');
  const { pending } = outstandingRenewals(snapshot, facts.ledger, facts.configuration);
  const survey = surveyServer(
    snapshot,
    pending.map(({ renewal }) => renewal),
  );
  const candidates = indexCandidates(snapshot);
  const endsBefore = survey.asOf + facts.endsWithinDays * dayMs;
  return [
    ...(seesRecords ? recordFindings(survey, facts.lastKnown, candidates) : []),
    ...(seesCertificates
      ? certificateFindings(survey, { served: servedRecords(facts.wire), endsBefore, candidates })
      : []),
    ...wireFindings(facts.wire, survey),
    ...shadowedNames(survey),
    ...uncoveredNames(survey),
    ...ftpsFindings(survey, endsBefore),
    ...mechanismFindings(snapshot, facts.expected, pending, facts),
    ...unreadableFindings(snapshot),
    ...legacyFindings(snapshot),
    ...installationFindings(facts.installation),
    ...trustFindings(facts.installation),
  ].sort(bySeverity);
}
