import { findingCodes } from '../../base/codes/finding-codes.ts';
import { CertRebindError } from '../../base/errors.ts';
import { didYouMean } from '../../base/nearest.ts';
import { distinct } from '../../base/order.ts';
import { idOfFinding, inOrder, listed } from '../../documents/finding.ts';
import type { Notified } from '../../documents/notified.ts';
import { type Doctor, scopeOf } from '../../documents/scope.ts';
import type { Finding, PlaceStatus } from '../../documents/status.ts';
import { type Outlooks, outlooksOf } from '../look/outlook.ts';
import { type StandingRenewal, unrecordedRenewals } from '../plan/outstanding-renewals.ts';
import { judgeDebts } from '../plan/plan-debts.ts';
import { type RenewalsNow, renewalsOf } from '../plan/plan-pending.ts';
import { type Survey, servedCertificates, surveyServer } from '../plan/server-survey.ts';
import { triesOn, verdictsOf } from '../plan/try-line.ts';
import { indexCandidates } from './candidates.ts';
import { certificateFindings, uncoveredNames } from './certificate-findings.ts';
import { dismissedBy, type HeldNow, heldCertificates } from './dismissals.ts';
import { type Endings, endingsOf } from './endings.ts';
import type { DoctorFacts, Evidence } from './facts.ts';
import { leftKeyFindings } from './left-keys.ts';
import { mechanismFindings } from './mechanism-findings.ts';
import { stoppedFindings } from './open-runs.ts';
import { pendingFindings, unclearFinding } from './pending-findings.ts';
import { placeStatuses } from './places.ts';
import { recordFindings, shadowedNames } from './record-findings.ts';
import {
  holderFindings,
  installationFindings,
  legacyFindings,
  missingModuleFindings,
  retiredFindings,
  serviceKeyFindings,
  trustFindings,
  unknownFindings,
  unreadableFindings,
} from './server-findings.ts';
import { exclusionFindings, renewedLateFindings, setupFindings, windowFindings } from './setup-findings.ts';
import { byHandFindings, suggestedFindings, unnoticedFindings, unrecordedFindings } from './suggested-findings.ts';
import { withTitle } from './title.ts';
import { debtFindings, lostNameFindings, notUndoneFindings, rolledBackFindings } from './unsettled-findings.ts';
import { refusalFindings, watchFindings } from './watch-findings.ts';
import { centralStoreFindings, endpointsBehind, leftBehind, servedOldByRoles, wireFindings } from './wire-findings.ts';

/** A server at one moment, judged: every view shows a part of this. */
export interface Look {
  readonly facts: DoctorFacts;
  readonly renewals: RenewalsNow;
  /** What names alone suggest where the policy takes only what is recorded. */
  readonly unrecorded: ReturnType<typeof unrecordedRenewals>;
  readonly survey: Survey;
  readonly outlookAt: Outlooks;
  readonly endings: Endings;
  readonly held: HeldNow;
  /**
   * What on this server is not as it should be: every difference between IIS, HTTP.SYS and what endpoints serve, what runs
   * left unsettled, and everything that would keep a renewal from being noticed; the worst first.
   */
  readonly every: readonly Finding[];
  /** The same without what a person took off the views. */
  readonly findings: readonly Finding[];
  readonly places: readonly PlaceStatus[];
}

/** The only judgement. Pure, and linear in the size of the server. */
export function lookAt(facts: DoctorFacts): Look {
  const { snapshot, configuration, ledger } = facts;
  const renewals = renewalsOf(facts);
  const unrecorded = unrecordedRenewals(snapshot, ledger, configuration, renewals);
  const endings = endingsOf(snapshot, renewals.succession, configuration);
  const held = heldCertificates(snapshot, endings);
  const evidence = evidenceOf(facts, renewals, unrecorded);
  const { survey, outlookAt } = evidence;
  const every = everyFinding(evidence);
  const isDismissed = dismissedBy(ledger.dismissed, held);
  const findings = every.filter((found) => !isDismissed(found));
  const places = placeStatuses(evidence, findings);
  return { facts, renewals, unrecorded, survey, outlookAt, endings, held, every, findings, places };
}

export function doctorOf({ facts: { snapshot, wire }, findings }: Look): Doctor {
  return { schema: 'certrebind/doctor/1', ...scopeOf(snapshot, wire), findings };
}

/** Everything that is wrong, from each of the judges; what is equally urgent is shown in this order. */
const judges: readonly ((evidence: Evidence) => readonly Finding[])[] = [
  stoppedFindings,
  debtFindings,
  recordFindings,
  certificateFindings,
  wireFindings,
  centralStoreFindings,
  leftBehind,
  servedOldByRoles,
  shadowedNames,
  uncoveredNames,
  holderFindings,
  serviceKeyFindings,
  mechanismFindings,
  suggestedFindings,
  unnoticedFindings,
  lostNameFindings,
  notUndoneFindings,
  byHandFindings,
  unreadableFindings,
  legacyFindings,
  missingModuleFindings,
  installationFindings,
  setupFindings,
  trustFindings,
  windowFindings,
  exclusionFindings,
  renewedLateFindings,
  watchFindings,
  refusalFindings,
  leftKeyFindings,
  retiredFindings,
  unknownFindings,
];

function evidenceOf(facts: DoctorFacts, renewals: RenewalsNow, unrecorded: Look['unrecorded']): Evidence {
  const { snapshot, configuration, wire, ledger } = facts;
  const { pending, succession } = renewals;
  const survey = surveyServer(
    snapshot,
    configuration,
    pending.flatMap(({ renewal }) => (renewal.corroborated ? renewal : [])),
  );
  const endings = endingsOf(snapshot, succession, configuration, facts.endsWithinDays);
  const debts = judgeDebts(facts.owed, snapshot, configuration);
  const trial = triesOn({ ...facts, runs: new Map() }, verdictsOf(renewals.decisions));
  return {
    ...facts,
    renewals,
    succession,
    survey,
    outlookAt: outlooksOf({ ...facts, renewals, unrecorded, debts, survey }),
    trial,
    endings,
    candidates: indexCandidates(snapshot),
    debts,
    behind: endpointsBehind(wire, { ledger, succession }),
    inUse: servedCertificates(survey),
    ofRenewals: renewalFindings(facts, renewals, endings, trial),
    unrecorded: unrecordedFindings(unrecorded, snapshot, endings),
  };
}

function everyFinding(evidence: Evidence): readonly Finding[] {
  const { survey, told, snapshot } = evidence;
  return inOrder(
    judges
      .flatMap((judge) => judge(evidence))
      .map((found) => withTitle(withSince(withSite(found, survey), told), survey, snapshot.takenAt)),
    snapshot.takenAt,
  );
}

/** What becomes of renewals that are not everywhere yet. */
function renewalFindings(
  { snapshot }: DoctorFacts,
  { pending, held, unclear, decisions }: RenewalsNow,
  endings: Endings,
  trial: Evidence['trial'],
): readonly Finding[] {
  const open = new Set(decisions.steps.map(({ key }) => key));
  const isTried = ({ again, onOld }: StandingRenewal) => again && onOld.some((key) => open.has(key));
  return [
    ...pendingFindings(
      pending.filter((one) => !isTried(one)),
      decisions,
      snapshot,
    ),
    ...unclear.map((one) => unclearFinding(one, snapshot, trial)),
    ...rolledBackFindings(held, pending.filter(isTried), snapshot, endings, trial),
  ];
}

/** Where no run knows when it began, the look does that first found it. */
function withSince(found: Finding, { findings }: Notified): Finding {
  if (found.since !== null || findings.length === 0) return found;
  const id = idOfFinding(found);
  const known = findings.find((one) => one.id === id && one.overAt === null);
  return known === undefined ? found : { ...found, since: known.since };
}

/** People know their sites, and not the keys of places. */
function withSite(found: Finding, { bindings, consumers }: Survey): Finding {
  const { key } = found;
  if (key === null || found.site !== null) return found;
  const consumer = consumers.get(key);
  const own = consumer !== undefined && 'site' in consumer ? consumer.site : null;
  const named = distinct([own ?? [], bindings.get(key)?.map(({ site }) => site) ?? []].flat());
  return named.length === 0 ? found : { ...found, site: listed(named) };
}

/** For a text that was typed as the code of a finding. @param more what else it is not, as the end of the sentence */
export function noSuchFinding(text: string, where: string, more = ''): CertRebindError {
  const codes = findingCodes.map(({ code }) => code);
  const message = `There is no finding ${JSON.stringify(text.slice(0, 60))}${more}.${didYouMean(text, codes)}`;
  return new CertRebindError('no-such-finding', { message, where });
}
