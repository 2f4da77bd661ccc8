import type { SkipCode } from '../../base/codes/plan-codes.ts';
import { groupBy } from '../../base/group.ts';
import { compareText, distinct } from '../../base/order.ts';
import type { Configuration } from '../../documents/configuration.ts';
import type { SetBack } from '../../documents/runs/ledger.ts';
import { isByHand, type SkippedEntry } from '../../documents/runs/plan.ts';
import type { Consumer } from '../../kinds/consumer.ts';
import { type Holder, movable, recordsIn, recordsOf, thumbprintOf, tlsHolder } from '../../kinds/holder.ts';
import { type HolderInUse, type ReportedPlace, standingHolders } from '../../kinds/place.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { CertificateBinding } from '../../kinds/tls/certificate-binding.ts';
import type { Renewal } from '../../model/certificates/renewal.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { keyOf, type ServedHosts, type StandingBinding, servedHosts, usersOfRecord } from './bindings-of-records.ts';
import { notesOnRecord, stoppedNotes, whyRecordLeft } from './decide-record.ts';
import { whyReportedLeft } from './decide-reported.ts';
import { type Decided, decideStep, type PlanSurvey, type StepExtras } from './decide-step.ts';
import { endpointsToProve } from './endpoints.ts';
import { namesOfHolder, whyExcluded } from './exclusions.ts';
import { coverageOf } from './guards.ts';
import type { Policy } from './overrides.ts';
import { blockedFor, type Reason, skippedFor, type WhyLeft } from './reason.ts';
import { entryFor, type RenewalPair } from './renewal-pair.ts';
import { type UnresolvedRenewal, unresolvedText } from './resolve-chains.ts';
import { leftAsShared, leftByPolicy, leftWithSuccessor, mayRestart, restartText } from './restarts.ts';
import { judgeSetBack } from './set-backs.ts';

/** A certificate binding with the bindings of IIS that use it. */
interface RecordInUse {
  readonly record: CertificateBinding;
  readonly bindings: readonly StandingBinding[];
}

/** A place that a plan can change, whatever its kind. */
interface PlaceInPlan {
  readonly holder: Holder;
  /** `null` for a certificate binding by itself. */
  readonly standing: HolderInUse | null;
  /** Certificate bindings whose clients notice a change of it. */
  readonly records: readonly RecordInUse[];
  readonly consumers: readonly Consumer[];
}

/** What earlier runs say about places, by their keys. */
export interface EarlierRuns {
  /** Renewals at holders whose endpoints still served another certificate of them: they are checked again. */
  readonly stillOld?: ReadonlyMap<KeyText, Renewal>;
  /** Renewals that were rolled back at holders other than certificate bindings: they are skipped there. */
  readonly heldAt?: ReadonlyMap<KeyText, Renewal>;
  /** Where the old certificate came back after a run had set the new one. */
  readonly setBacks?: ReadonlyMap<KeyText, SetBack>;
}

/** What a plan has to do with the certificate of a place. */
interface Concern {
  /** Absent for both: it has a new certificate, or is only looked at again. */
  readonly pair: RenewalPair | undefined;
  readonly unresolved: UnresolvedRenewal | undefined;
  readonly looked: Renewal | undefined;
  readonly held: Renewal | undefined;
  readonly setBack: SetBack | undefined;
}

/** Decides about a certificate binding. */
export function decideRecord(record: CertificateBinding, runs: EarlierRuns, survey: PlanSurvey): Decided {
  const concern = concernOf(record, runs, survey);
  if (concern === null) return {};
  const bindings = survey.bindings.get(record.key) ?? [];
  const consumers = [...usersOfRecord(record, bindings), ...survey.coOwners(record)];
  const place = { holder: tlsHolder(record), standing: null, records: [{ record, bindings }], consumers };
  return decide(place, concern, whyRecordLeft(record, bindings, concern.pair, survey), survey);
}

/** Decides about another holder, with what counts for the certificate bindings that are part of it where it is moved. */
export function decideHolder(standing: HolderInUse, runs: EarlierRuns, survey: PlanSurvey): Decided {
  const { holder, consumer } = standing;
  const concern = concernOf(standing, runs, survey);
  if (concern === null) return {};
  const all = isMoved(standing, survey.configuration) ? recordsIn(holder) : [];
  const records = all.flatMap((record): readonly RecordInUse[] => {
    const bindings = survey.bindings.get(record.key);
    return bindings === undefined ? [] : [{ record, bindings }];
  });
  const users = records.flatMap(({ record, bindings }) => usersOfRecord(record, bindings));
  const others = all.flatMap(survey.coOwners).filter(({ kind }) => kind !== holder.kind);
  const place = { holder, standing, records, consumers: [consumer, ...users, ...others] };
  return decide(place, concern, whyHolderLeft(standing, concern.pair, survey), survey);
}

/** Of what is only reported, a plan says how a person changes it. */
export function decideReported(holder: ReportedPlace, survey: PlanSurvey): Decided {
  const { key, consumer } = holder;
  const { pair, unresolved } = concernOf(holder, {}, survey) ?? {};
  if (pair === undefined && unresolved === undefined) return {};
  return leftAs({ key, consumers: [consumer] }, whyReportedLeft(holder, pair, survey), pair);
}

/** `null` for nothing. */
function concernOf(
  { key, thumbprint }: { readonly key: KeyText; readonly thumbprint: Thumbprint | null },
  { stillOld, heldAt, setBacks }: EarlierRuns,
  { pairs, unresolved: unclear, newOnes }: PlanSurvey,
): Concern | null {
  if (thumbprint === null) return null;
  const [pair, unresolved] = [pairs.get(thumbprint), unclear.get(thumbprint)];
  const hold = heldAt?.get(key);
  const held = hold?.new === pair?.renewal.new ? hold : undefined;
  const looked = pair === undefined || held !== undefined ? stillOld?.get(key) : undefined;
  if ((looked ?? pair ?? unresolved) === undefined && !newOnes.has(thumbprint)) return null;
  return { pair, unresolved, looked, held, setBack: setBacks?.get(key) };
}

/** @param left why it does not get the successor of its certificate; `null` if it does */
function decide(place: PlaceInPlan, concern: Concern, left: WhyLeft | null, survey: PlanSurvey): Decided {
  const { holder, standing, consumers } = place;
  const { key } = holder;
  const whose = { key, consumers };
  const { configuration, snapshot } = survey;
  const { pair, unresolved, looked, held } = concern;
  if (looked !== undefined) {
    const { verify } = extrasAt(place, survey);
    return { step: { id: 0, key, before: holder, wanted: holder, renewal: looked, consumers, verify, notes: [] } };
  }
  if (pair === undefined && unresolved === undefined) {
    const text = `It already uses ${thumbprintOf(holder)}.`;
    const isTold = standing === null || isMoved(standing, configuration);
    return isTold ? { skipped: skippedFor({ code: 'already', text }, whose) } : {};
  }
  const why = left ?? (held === undefined ? null : whyHeld(held));
  if (why !== null) return leftAs(whose, why, pair);
  if (unresolved !== undefined) {
    const [renewal] = unresolved.candidates;
    const old = survey.certificates.get(unresolved.old)?.[0] ?? null;
    return { blocked: blockedFor({ code: 'ambiguous', text: unresolvedText(unresolved) }, whose, { renewal, old }) };
  }
  if (pair === undefined) return {};
  const { carriesRun = 'no', service = null } = standing ?? {};
  const stores = standing === null ? null : movable[standing.holder.kind].stores;
  const served = servedAt(place, survey);
  const successors = stores === null ? pair.successors : pair.successors.filter(({ store }) => stores.includes(store));
  const setBack =
    concern.setBack === undefined ? null : judgeSetBack(concern.setBack, pair, holder.value.store, survey);
  const decided = decideStep(
    {
      holder,
      pair,
      stores,
      carriesRun,
      service,
      server: snapshot.server,
      entry: entryFor(holder.value.store, successors),
      catchAll: served.catchAll,
      hosts: coverageOf(served, pair),
      hasRecord: survey.hasRecord,
      consumers,
      webAdministration: snapshot.webAdministration,
      asOf: survey.asOf,
      unknown: snapshot,
    },
    configuration,
    service === null ? survey.startOf(pair.renewal) : survey.opens,
    setBack,
    extrasAt(place, survey),
  );
  return setBack === null ? decided : { ...decided, setBack };
}

/** Nobody is told to set what any account may have named. */
function leftAs(whose: Pick<SkippedEntry, 'key' | 'consumers'>, why: WhyLeft, pair: RenewalPair | undefined): Decided {
  if (why.code === 'binding-unreadable') return pair === undefined ? {} : { blocked: blockedFor(why, whose, pair) };
  const skipped = skippedFor(why, whose);
  if (pair?.renewal.corroborated !== false || !isByHand(skipped)) return { skipped };
  return { skipped: skippedFor({ code: why.code, text: untrusted(pair.renewal.old) }, whose) };
}

function whyHolderLeft(
  standing: HolderInUse,
  pair: RenewalPair | undefined,
  { configuration, snapshot }: PlanSurvey,
): WhyLeft | null {
  const why = whyNotMoved(standing, configuration, pair?.renewal.new ?? null);
  const isSetAgain = pair !== undefined && pair.renewal.old === pair.renewal.new && standing.service !== null;
  if (why === null) return isSetAgain ? { code: 'already', text: notRestartedFor } : null;
  const unfit = why.code === 'report-only' ? leftWithSuccessor(standing, pair, snapshot) : null;
  return unfit === null ? why : { code: why.code, text: `It still uses ${thumbprintOf(standing.holder)}. ${unfit}` };
}

/** What clients can ask for at a place. */
function servedAt({ standing, records }: PlaceInPlan, { hasRecord }: PlanSurvey): ServedHosts {
  const served = records.map(({ record, bindings }) => servedHosts(keyOf(record.key), bindings, hasRecord));
  if (standing !== null) served.unshift(hostsOf(standing));
  return {
    hosts: served.flatMap(({ hosts }) => hosts),
    catchAll: served.some(({ catchAll }) => catchAll),
    address: standing === null ? (served[0]?.address ?? null) : null,
  };
}

/** Where its change is proven, and what is said of it. */
function extrasAt({ standing, records }: PlaceInPlan, survey: PlanSurvey): StepExtras {
  const { endpoints = [], service = null } = standing ?? {};
  return {
    verify: [
      ...endpoints.flatMap(({ state, endpoint }) => (state === 'stopped' ? [] : endpoint)),
      ...records.flatMap(({ record, bindings }) => endpointsToProve(keyOf(record.key), bindings, survey)),
    ],
    notes: [
      ...(service === null ? [] : [{ code: 'restarts-service', text: restartText(service) } as const]),
      ...stoppedNotes(endpoints.flatMap(({ state, site }) => (state === 'stopped' ? site : []))),
      ...records.flatMap(({ record, bindings }) => notesOnRecord(record, bindings, survey)),
    ],
  };
}

function untrusted(old: Thumbprint): string {
  return `It still uses ${old}. Only an event that neither SYSTEM nor an administrator wrote names its successor.`;
}

function whyHeld({ old, new: successor }: Renewal): WhyLeft {
  const how = `certrebind rebind --old ${old} --new ${successor}`;
  const text = `${successor} was rolled back here and is not tried again by itself. To apply it again: ${how}`;
  return { code: 'held', text };
}

/**
 * The holders other than certificate bindings that a plan decides about, the keys of the records that are decided with
 * them, each with that of its holder, and the records that are decided by themselves, in order. A record that is part of
 * another holder is decided with it. If the configuration names its application id, or a binding of IIS uses it,
 * CertRebind decides about it by itself until the other holder is moved.
 */
export function standingInPlan(
  snapshot: Snapshot,
  configuration: Pick<Configuration, 'holders' | 'window' | 'applicationIds'>,
) {
  const named = new Set(configuration.applicationIds.map((id) => id.toLowerCase()));
  const holders = standingHolders(snapshot).filter((standing) => {
    const isNamed = recordsIn(standing.holder).some(({ appId }) => named.has(appId));
    return !isNamed || isMoved(standing, configuration);
  });
  const ofIis = new Set(snapshot.sites.flatMap(({ bindings }) => bindings.flatMap(({ recordKey }) => recordKey ?? [])));
  const keysInThem = holders.flatMap((standing): (readonly [KeyText, KeyText])[] => {
    const keys = recordsIn(standing.holder).map(({ key }) => key);
    const isFree = keys.some((key) => ofIis.has(key)) && !isMoved(standing, configuration);
    return isFree ? [] : keys.map((key) => [key, standing.key]);
  });
  const recordsInThem: ReadonlyMap<KeyText, KeyText> = new Map(keysInThem);
  const records = recordsOf(snapshot).filter(({ key }) => !recordsInThem.has(key));
  return { holders, recordsInThem, records: records.sort((a, b) => compareText(a.key, b.key)) };
}

/** Whether a renewal is applied to holders of this kind. */
export function isMoved(standing: HolderInUse, configuration: Pick<Configuration, 'holders' | 'window'>): boolean {
  const { policy } = configuration.holders[standing.holder.kind];
  return policy === 'replace' && standing.sharedFrom === null && mayRestart(standing, configuration);
}

const notRestartedFor = 'It has this certificate, and its service is not restarted for that.';

/** Why a holder does not get the successor of its certificate; `null` if it does. */
export function whyNotMoved(
  standing: HolderInUse,
  configuration: Policy,
  successor: Thumbprint | null,
): Reason<SkipCode> | null {
  const { holder } = standing;
  const held = thumbprintOf(holder);
  const text = whyExcluded(namesOfHolder(standing), [held, successor], configuration.exclude);
  if (text !== null) return { code: 'excluded', text };
  if (isMoved(standing, configuration)) return null;
  const shared = leftAsShared(standing, successor);
  if (shared !== null) return shared;
  const byHand = leftByPolicy(standing, successor, configuration);
  if (byHand !== null) return byHand;
  return {
    code: 'report-only',
    text: `It still uses ${held}: the policy for ${movable[holder.kind].plural} is report.`,
    command: `certrebind config set holders.${holder.kind}.policy replace`,
  };
}

function hostsOf({ endpoints }: HolderInUse): ServedHosts {
  const named = groupBy(
    endpoints.filter(({ host }) => host !== ''),
    ({ host }) => host,
  );
  const hosts = distinct(named.keys()).map((host) => ({
    host,
    sites: distinct((named.get(host) ?? []).map(({ site }) => site)),
  }));
  return { hosts, catchAll: endpoints.some(({ host }) => host === ''), address: null };
}
