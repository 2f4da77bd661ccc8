import { bySeverity } from '../../model/documents/finding.ts';
import type { Finding } from '../../model/documents/status.ts';
import { isKnown, type PartName } from '../../model/documents/unknown-parts.ts';
import { outstandingRenewals } from '../../plan/outstanding-renewals.ts';
import { byHandFindings } from '../by-hand.ts';
import { endpointsBehind, leftBehind } from '../left-behind.ts';
import { indexCandidates } from './candidates.ts';
import { certificateFindings, uncoveredNames } from './certificate-findings.ts';
import type { DoctorFacts } from './facts.ts';
import { mechanismFindings } from './mechanism-findings.ts';
import { recordFindings } from './record-findings.ts';
import {
  ftpsFindings,
  installationFindings,
  legacyFindings,
  listenerFindings,
  serviceKeyFindings,
  trustFindings,
  unknownFindings,
  unreadableFindings,
} from './server-findings.ts';
import { setupFindings } from './setup-findings.ts';
import { shadowedNames } from './shadow-findings.ts';
import { surveyServer } from './survey.ts';
import { servedRecords, wireFindings } from './wire-findings.ts';

/** The checks, and the parts of the server that each one needs. */
interface Examination {
  readonly restsOn: readonly PartName[];
  readonly find: () => readonly Finding[];
}

const dayMs = 24 * 60 * 60 * 1000;

/**
 * Every difference between IIS, HTTP.SYS and what endpoints serve, and everything that would keep a renewal from being
 * noticed; the worst first. Pure, and linear in the size of the server.
 */
export function diagnose(facts: DoctorFacts): readonly Finding[] {
  const { snapshot } = facts;
  const { pending } = outstandingRenewals(snapshot, facts.ledger, facts.configuration);
  const survey = surveyServer(
    snapshot,
    pending.map(({ renewal }) => renewal),
  );
  const candidates = indexCandidates(snapshot);
  const endsBefore = survey.asOf + facts.endsWithinDays * dayMs;
  const questions = { served: servedRecords(facts.wire), endsBefore, candidates };
  const examinations: readonly Examination[] = [
    { restsOn: ['records'], find: () => recordFindings(survey, facts.lastKnown, candidates) },
    { restsOn: ['records', 'certificates'], find: () => certificateFindings(survey, questions) },
    { restsOn: ['records'], find: () => wireFindings(facts.wire, survey, endpointsBehind(facts.wire, facts)) },
    { restsOn: [], find: () => leftBehind(facts.wire, facts) },
    { restsOn: ['records', 'certificates'], find: () => shadowedNames(survey) },
    { restsOn: ['records', 'certificates'], find: () => uncoveredNames(survey) },
    { restsOn: ['certificates', 'ftps'], find: () => ftpsFindings(survey, endsBefore) },
    { restsOn: ['certificates', 'others'], find: () => listenerFindings(survey, endsBefore) },
    { restsOn: ['certificates', 'others'], find: () => serviceKeyFindings(survey, facts.configuration) },
    { restsOn: [], find: () => mechanismFindings(snapshot, facts.expected, pending, facts) },
    { restsOn: ['certificates'], find: () => byHandFindings(snapshot, facts.ledger, facts.configuration) },
    { restsOn: [], find: () => unreadableFindings(snapshot) },
    { restsOn: [], find: () => legacyFindings(snapshot) },
    { restsOn: [], find: () => installationFindings(facts.installation) },
    { restsOn: [], find: () => setupFindings(facts.installation, snapshot, facts.expected) },
    { restsOn: [], find: () => trustFindings(facts.installation) },
    { restsOn: [], find: () => unknownFindings(snapshot) },
  ];
  return examinations
    .filter(({ restsOn }) => restsOn.every((part) => isKnown(snapshot, part)))
    .flatMap(({ find }) => find())
    .sort(bySeverity);
}
