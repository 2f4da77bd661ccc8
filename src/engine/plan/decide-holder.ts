import { groupBy } from '../../base/group.ts';
import { compareText, distinct } from '../../base/order.ts';
import type { Configuration } from '../../documents/configuration.ts';
import type { SetBack } from '../../documents/runs/ledger.ts';
import { commandOf, type Obstacle } from '../../documents/runs/plan.ts';
import type { Consumer } from '../../kinds/consumer.ts';
import { type Holder, movable, recordsIn, recordsOf, thumbprintOf, tlsHolder } from '../../kinds/holder.ts';
import { type HolderInUse, holdersInUse, type ReportedPlace } from '../../kinds/place.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import type { CertificateBinding } from '../../kinds/tls/certificate-binding.ts';
import type { Renewal } from '../../model/certificates/renewal.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import {
  isAnyAddress,
  keyOf,
  type ServedHosts,
  servedHosts,
  type UsedBinding,
  usersOfRecord,
} from '../known/bindings-of-records.ts';
import { endpointsToProve } from '../known/endpoints.ts';
import { namesOfHolder, whyExcluded } from '../known/exclusions.ts';
import type { FindHold, HoldingDecision } from '../known/held-renewals.ts';
import { winrmAppId } from '../known/owners.ts';
import { entryFor, type RenewalPair } from '../known/renewal-pair.ts';
import { type UnresolvedRenewal, unresolvedText } from '../known/resolve-chains.ts';
import { judgeSetBack } from '../known/set-backs.ts';
import { notesOnRecord, stoppedNotes, whyRecordLeft } from './decide-record.ts';
import { whyReportedLeft } from './decide-reported.ts';
import { type Decided, decideStep, leftWith, type PlanSurvey, type StepExtras } from './decide-step.ts';
import { coverageOf } from './guards.ts';
import type { Policy } from './overrides.ts';
import { leftAsShared, leftByPolicy, leftWithSuccessor, mayRestart, restartText } from './restarts.ts';

/** A certificate binding with the bindings of IIS that use it. */
interface RecordInUse {
  readonly record: CertificateBinding;
  readonly bindings: readonly UsedBinding[];
}

/** A place that a plan can change, whatever its kind. */
interface PlaceInPlan {
  readonly holder: Holder;
  /** `null` for a certificate binding by itself. */
  readonly inUse: HolderInUse | null;
  /** Certificate bindings whose clients notice a change of it. */
  readonly records: readonly RecordInUse[];
  readonly consumers: readonly Consumer[];
}

/** What earlier runs say about places, by their keys. */
export interface EarlierRuns {
  /** Renewals at holders whose endpoints still served another certificate of them: they are checked again. */
  readonly stillOld?: ReadonlyMap<KeyText, Renewal>;
  /** What was decided against renewals: one that was rolled back, or undone, is not applied there. */
  readonly holdAt?: FindHold;
  /** Where the old certificate came back after a run had set the new one. */
  readonly setBacks?: ReadonlyMap<KeyText, SetBack>;
}

/** What a plan has to do with the certificate of a place. */
type Concern =
  /** An earlier run left an endpoint with another certificate. */
  | { readonly is: 'checked-again'; readonly renewal: Renewal }
  | { readonly is: 'new' }
  | { readonly is: 'unclear'; readonly unresolved: UnresolvedRenewal }
  | {
      readonly is: 'renewed';
      readonly pair: RenewalPair;
      /** Why it is on hold here; `null` if it is not. */
      readonly onHold: HoldingDecision | null;
      readonly setBack: SetBack | undefined;
    };

/** Decides about a certificate binding. */
export function decideRecord(record: CertificateBinding, runs: EarlierRuns, survey: PlanSurvey): Decided {
  const concern = concernOf(record, runs, survey);
  if (concern === null) return {};
  const bindings = survey.bindings.get(record.key) ?? [];
  const consumers = [...usersOfRecord(record, bindings), ...survey.coOwners(record)];
  const place = { holder: tlsHolder(record), inUse: null, records: [{ record, bindings }], consumers };
  return decide(place, concern, whyRecordLeft(record, bindings, pairOf(concern), survey), survey);
}

/** Decides about another holder, with what counts for the certificate bindings that are part of it where it is moved. */
export function decideHolder(inUse: HolderInUse, runs: EarlierRuns, survey: PlanSurvey): Decided {
  const { holder, consumer } = inUse;
  const concern = concernOf(inUse, runs, survey);
  if (concern === null) return {};
  const all = isMoved(inUse, survey.configuration) ? recordsIn(holder) : [];
  const records = all.flatMap((record): readonly RecordInUse[] => {
    const bindings = survey.bindings.get(record.key);
    return bindings === undefined ? [] : [{ record, bindings }];
  });
  const users = records.flatMap(({ record, bindings }) => usersOfRecord(record, bindings));
  const others = all.flatMap(survey.coOwners).filter(({ kind }) => kind !== holder.kind);
  const place = { holder, inUse, records, consumers: [consumer, ...users, ...others] };
  return decide(place, concern, whyHolderLeft(inUse, pairOf(concern), survey), survey);
}

/** Of what is only reported, a plan says how a person changes it. */
export function decideReported(place: ReportedPlace, survey: PlanSurvey): Decided {
  const concern = concernOf(place, {}, survey);
  if (concern === null || concern.is === 'new') return {};
  const pair = pairOf(concern);
  const renewal = pair?.renewal ?? (concern.is === 'unclear' ? concern.unresolved.candidates[0] : null);
  const left = whyReportedLeft(place, pair, survey);
  return leftWith(
    { key: place.key, consumers: [place.consumer] },
    renewal,
    pair === undefined ? left : left.map((one) => unlessUntrusted(one, pair.renewal)),
  );
}

function pairOf(concern: Concern): RenewalPair | undefined {
  return concern.is === 'renewed' ? concern.pair : undefined;
}

/** `null` where a plan has nothing to do with it. */
function concernOf(
  { key, thumbprint }: { readonly key: KeyText; readonly thumbprint: Thumbprint | null },
  { stillOld, holdAt, setBacks }: EarlierRuns,
  { pairs, unresolved: unclear, newOnes }: PlanSurvey,
): Concern | null {
  if (thumbprint === null) return null;
  const [pair, unresolved] = [pairs.get(thumbprint), unclear.get(thumbprint)];
  const hold = pair === undefined ? undefined : holdAt?.(key, pair.renewal);
  const onHold = hold?.isOver === false ? hold.decision : null;
  const renewal = pair === undefined || onHold !== null ? stillOld?.get(key) : undefined;
  if (renewal !== undefined) return { is: 'checked-again', renewal };
  if (unresolved !== undefined) return { is: 'unclear', unresolved };
  if (pair !== undefined) return { is: 'renewed', pair, onHold, setBack: setBacks?.get(key) };
  return newOnes.has(thumbprint) ? { is: 'new' } : null;
}

/** @param left why it does not get the successor of its certificate; empty if it does */
function decide(place: PlaceInPlan, concern: Concern, left: readonly Obstacle[], survey: PlanSurvey): Decided {
  const { holder, inUse, consumers } = place;
  const { key } = holder;
  const whose = { key, consumers };
  const { configuration, snapshot } = survey;
  if (concern.is === 'checked-again') {
    const { renewal } = concern;
    const { verify } = extrasAt(place, survey);
    return { step: { id: 0, key, before: holder, wanted: holder, renewal, consumers, verify, notes: [] } };
  }
  if (concern.is === 'new') {
    const text = `It already uses ${thumbprintOf(holder)}.`;
    const isTold = inUse === null || isMoved(inUse, configuration);
    return isTold ? leftWith(whose, null, [{ code: 'already', text }]) : {};
  }
  if (concern.is === 'unclear') {
    const { unresolved } = concern;
    const [renewal, ...others] = unresolved.candidates;
    const candidates = distinct([renewal, ...others].map((one) => one.new));
    return leftWith(whose, renewal, [...left, { code: 'ambiguous', text: unresolvedText(unresolved), candidates }]);
  }
  const { pair, onHold } = concern;
  const known = [...left.map((one) => unlessUntrusted(one, pair.renewal)), ...whyOnHold(onHold, pair.renewal)];
  if (left.some(({ code }) => code === 'already')) return leftWith(whose, pair.renewal, known);
  const { carriesRun = 'no', service = null } = inUse ?? {};
  const stores = inUse === null ? null : movable[inUse.holder.kind].stores;
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
    known,
  );
  return setBack === null ? decided : { ...decided, setBack };
}

/** Nobody is told to set what any account may have named. */
function unlessUntrusted(left: Obstacle, renewal: Renewal): Obstacle {
  const { code } = left;
  const isTold = (code === 'other-program' && commandOf(left) !== null) || code === 'report-only';
  return renewal.corroborated || !isTold ? left : { code, text: untrusted(renewal.old) };
}

function whyHolderLeft(
  inUse: HolderInUse,
  pair: RenewalPair | undefined,
  { configuration, snapshot }: PlanSurvey,
): readonly Obstacle[] {
  const left = whyNotMoved(inUse, configuration, pair?.renewal.new ?? null);
  const isSetAgain = pair !== undefined && pair.renewal.old === pair.renewal.new && inUse.service !== null;
  if (left.length === 0) return isSetAgain ? [{ code: 'already', text: notRestartedFor }] : [];
  return left.map((one) => {
    const unfit = one.code === 'report-only' ? leftWithSuccessor(inUse, pair, snapshot) : null;
    const text = `It still uses ${thumbprintOf(inUse.holder)}. ${unfit}`;
    return unfit === null ? one : { code: 'report-only', text };
  });
}

/** What clients can ask for at a place. */
function servedAt({ inUse, records }: PlaceInPlan, { hasRecord, unrecorded }: PlanSurvey): ServedHosts {
  const served = records.map(({ record, bindings }) => {
    const key = keyOf(record.key);
    const answered = key.table === 'ip' && isAnyAddress(key.address) ? (unrecorded.get(key.port) ?? []) : [];
    return servedHosts(key, bindings.length === 0 ? bindings : [...bindings, ...answered], hasRecord);
  });
  if (inUse !== null) served.unshift(hostsOf(inUse));
  return {
    hosts: served.flatMap(({ hosts }) => hosts),
    catchAll: served.some(({ catchAll }) => catchAll),
    address: inUse === null ? (served[0]?.address ?? null) : null,
  };
}

/** Where its change is proven, and what is said of it. */
function extrasAt({ inUse, records }: PlaceInPlan, survey: PlanSurvey): StepExtras {
  const { endpoints = [], service = null } = inUse ?? {};
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

function whyOnHold(decision: HoldingDecision | null, { old, new: successor }: Renewal): readonly Obstacle[] {
  if (decision === null) return [];
  const { by, run, at } = decision;
  const how = `certrebind rebind --old ${old} --new ${successor}`;
  const text = `${successor} was rolled back here and is not tried again by itself. To apply it again: ${how}`;
  return [{ code: 'held', text, by, run, at }];
}

/**
 * The holders other than certificate bindings that a plan decides about, the keys of the records that are decided with
 * them, each with that of its holder, and the records that are decided by themselves, in order. A record that is part of
 * another holder is decided with it. If the configuration names its application id, or a binding of IIS uses it,
 * CertRebind decides about it by itself until the other holder is moved.
 */
export function placesInPlan(
  snapshot: Snapshot,
  configuration: Pick<Configuration, 'holders' | 'window' | 'applicationIds'>,
) {
  const named = new Set(configuration.applicationIds.map((id) => id.toLowerCase()));
  const holders = holdersInUse(snapshot).filter((inUse) => {
    const isNamed = recordsIn(inUse.holder).some(({ appId }) => named.has(appId));
    return !isNamed || isMoved(inUse, configuration);
  });
  const ofIis = new Set(snapshot.sites.flatMap(({ bindings }) => bindings.flatMap(({ recordKey }) => recordKey ?? [])));
  const others = recordsOf(snapshot).filter(({ key, appId }) => !ofIis.has(key) && !named.has(appId.toLowerCase()));
  const keysInThem = holders.flatMap((inUse): (readonly [KeyText, KeyText])[] => {
    const keys = recordsIn(inUse.holder).map(({ key }) => key);
    const isFree = keys.some((key) => ofIis.has(key)) && !isMoved(inUse, configuration);
    const made = others.filter((record) => isMadeFor(inUse, record)).map(({ key }) => key);
    return [...(isFree ? [] : keys), ...made].map((key) => [key, inUse.key]);
  });
  const recordsInThem: ReadonlyMap<KeyText, KeyText> = new Map(keysInThem);
  const records = recordsOf(snapshot).filter(({ key }) => !recordsInThem.has(key));
  return { holders, recordsInThem, records: records.sort((a, b) => compareText(a.key, b.key)) };
}

/** Whether WinRM made this certificate binding for that listener, and changes it when the listener is changed. */
function isMadeFor({ kind, thumbprint, endpoints }: HolderInUse, record: CertificateBinding): boolean {
  const isOfWinrm = kind === 'winrm' && record.appId.toLowerCase() === winrmAppId;
  if (!isOfWinrm || thumbprint === null || record.thumbprint !== thumbprint) return false;
  return endpoints.some(({ endpoint }) => endpoint.port === keyOf(record.key).port);
}

/** Whether a renewal is applied here: the policy for its kind says so, only this server reads it, and its service may be restarted. */
export function isMoved(inUse: HolderInUse, configuration: Pick<Configuration, 'holders' | 'window'>): boolean {
  const { policy } = configuration.holders[inUse.holder.kind];
  return policy === 'replace' && inUse.sharedFrom === null && mayRestart(inUse, configuration);
}

const notRestartedFor = 'It has this certificate, and its service is not restarted for that.';

/** Why a holder does not get the successor of its certificate; empty if it does. */
export function whyNotMoved(
  inUse: HolderInUse,
  configuration: Policy,
  successor: Thumbprint | null,
): readonly Obstacle[] {
  const { holder } = inUse;
  const held = thumbprintOf(holder);
  const excluded = whyExcluded(namesOfHolder(inUse), [held, successor], configuration.exclude);
  if (isMoved(inUse, configuration)) return excluded;
  const byPolicy = leftAsShared(inUse, successor) ?? leftByPolicy(inUse, successor, configuration);
  return [
    ...excluded,
    byPolicy ?? {
      code: 'report-only',
      text: `It still uses ${held}: the policy for ${movable[holder.kind].plural} is report.`,
      command: `certrebind config set holders.${holder.kind}.policy replace`,
    },
  ];
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
