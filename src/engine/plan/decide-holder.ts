import { groupBy } from '../../base/group.ts';
import { distinct } from '../../base/order.ts';
import type { Configuration } from '../../documents/configuration.ts';
import type { SetBack } from '../../documents/runs/ledger.ts';
import { type BlockedEntry, isByHand, type SkippedEntry } from '../../documents/runs/plan.ts';
import type { Consumer } from '../../kinds/consumer.ts';
import { type HolderInUse, pluralOf, storesOf, thumbprintOf } from '../../kinds/holder.ts';
import type { ServiceSeen } from '../../kinds/kind-rules.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Renewal } from '../../model/certificates/renewal.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import type { HasRecord, ServedHosts } from './bindings-of-records.ts';
import type { ScheduledStart } from './change-window.ts';
import { decideStep, type PlanDraft, type StepExtras } from './decide-step.ts';
import { namesOfHolder, whyExcluded } from './exclusions.ts';
import { coverageOf, type SwapCase } from './guards.ts';
import { entryFor, type RenewalPair } from './renewal-pair.ts';
import { type UnresolvedRenewal, unresolvedText } from './resolve-chains.ts';
import { leftAsShared, leftByPolicy, leftWithSuccessor, mayRestart, restartNote } from './restarts.ts';
import { judgeSetBack, type SetBackFacts } from './set-backs.ts';
import type { Today } from './why-not-set.ts';

/** What every decision needs from a plan's survey. */
export interface HolderSurvey extends Today, Pick<SetBackFacts, 'looked' | 'byPerson'> {
  readonly configuration: Configuration;
  /** By old thumbprint. */
  readonly pairs: ReadonlyMap<Thumbprint, RenewalPair>;
  readonly unresolved: ReadonlyMap<Thumbprint, UnresolvedRenewal>;
  readonly newOnes: ReadonlySet<Thumbprint>;
  readonly hasRecord: HasRecord;
  readonly endOf: (thumbprint: Thumbprint) => string | null;
  /** When renewals that wait for the window may be applied; `null` if none has to wait. */
  readonly startOf: (renewal: Renewal) => ScheduledStart | null;
  /** When the window opens, whatever has to wait for it; `null` if it is open. */
  readonly opens: ScheduledStart | null;
}

/** A place that names a certificate, with what earlier runs say about it. */
export interface Subject {
  readonly key: KeyText;
  readonly thumbprint: Thumbprint | null;
  readonly stillOld: Renewal | undefined;
  readonly held: Renewal | undefined;
  readonly setBack: SetBack | undefined;
}

/** What a decision needs to know about one place; asked only where an old or a new certificate is concerned. */
export interface HolderFacts {
  readonly consumers: readonly Consumer[];
  /** Whether a plan says of it that it has the new certificate already. */
  readonly isMoved: boolean;
  /** Why it does not get the successor of its certificate; `null` if it does. */
  whyNot(pair: RenewalPair | undefined): WhyNot | null;
  /** `null` for what is only reported, and so has always a reason. */
  readonly swap:
    | (Pick<SwapCase, 'holder' | 'stores' | 'carriesRun'> & {
        readonly service?: ServiceSeen | null;
        served(): ServedHosts;
        surroundings(): StepExtras;
      })
    | null;
}

/** A reason to leave a place alone, or to have a person look first. */
export type WhyNot =
  | Pick<SkippedEntry, 'reason' | 'detail' | 'command'>
  | { readonly block: BlockedEntry['reason']; readonly detail: string };

/** Decides whether a holder is replaced, whatever its kind. */
export function decideHolder(
  { key, thumbprint, stillOld, held, setBack }: Subject,
  factsOf: () => HolderFacts,
  survey: HolderSurvey,
  sorting: PlanDraft,
): void {
  if (thumbprint === null) return;
  const pair = survey.pairs.get(thumbprint);
  const unresolved = survey.unresolved.get(thumbprint);
  const isOld = pair !== undefined || unresolved !== undefined;
  const looked = pair === undefined || isHeld(pair, held) ? stillOld : undefined;
  if (looked === undefined && !isOld && !survey.newOnes.has(thumbprint)) return;
  const { consumers, isMoved, whyNot, swap } = factsOf();
  if (looked !== undefined && swap !== null) {
    const { holder, surroundings } = swap;
    const { verify } = surroundings();
    const id = sorting.steps.length + 1;
    sorting.steps.push({ id, key, before: holder, wanted: holder, renewal: looked, consumers, verify, notes: [] });
    return;
  }
  if (!isOld && !isMoved) return;
  const why = isOld
    ? (whyNot(pair) ?? whyHeld(pair, held))
    : ({ reason: 'already', detail: `It already uses ${thumbprint}.` } as const);
  if (why !== null && 'reason' in why) {
    // Nobody is told to set what any account may have named.
    const isOffered = pair?.renewal.corroborated !== false || !isByHand(why);
    sorting.skipped.push({
      key,
      consumers,
      ...(isOffered ? why : { reason: why.reason, detail: untrusted(thumbprint) }),
    });
  } else if (why !== null && pair !== undefined) {
    const { renewal, old } = pair;
    const { block: reason, detail } = why;
    sorting.blocked.push({ key, consumers, renewal, reason, detail, hosts: [], endsAt: old?.notAfter ?? null });
  } else if (unresolved !== undefined) {
    sorting.ambiguous.add(unresolved.candidates[0]);
    sorting.blocked.push(ambiguousEntry(key, consumers, unresolved, survey));
  } else if (pair !== undefined && swap !== null) {
    const { holder, stores, carriesRun, service = null, surroundings } = swap;
    const served = swap.served();
    const successors =
      stores === null ? pair.successors : pair.successors.filter(({ store }) => stores.includes(store));
    decideStep(
      {
        holder,
        pair,
        stores,
        carriesRun,
        service,
        server: survey.snapshot.server,
        entry: entryFor(holder.value.store, successors),
        catchAll: served.catchAll,
        hosts: coverageOf(served, pair),
        hasRecord: survey.hasRecord,
        consumers,
        webAdministration: survey.snapshot.webAdministration,
        asOf: survey.asOf,
        unknown: survey.snapshot,
      },
      survey.configuration,
      sorting,
      service === null ? survey.startOf(pair.renewal) : survey.opens,
      setBack === undefined ? null : judgeSetBack(setBack, pair, holder.value.store, survey),
      surroundings,
    );
  }
}

/** A holder that is not a certificate binding; most policies only report it. */
export function factsOfHolder(standing: HolderInUse, { configuration, snapshot }: HolderSurvey): HolderFacts {
  const { holder, consumer, carriesRun, service } = standing;
  return {
    consumers: [consumer],
    isMoved: isMoved(standing, configuration),
    whyNot(pair) {
      const why = whyNotMoved(standing, configuration, pair?.renewal.new ?? null);
      if (why === null) return isSetAgain(standing, pair) ? { reason: 'already', detail: notRestartedFor } : null;
      const unfit = why.reason === 'report-only' ? leftWithSuccessor(standing, pair, snapshot) : null;
      return unfit === null
        ? why
        : { reason: why.reason, detail: `It still uses ${holder.value.thumbprint}. ${unfit}` };
    },
    swap: {
      holder,
      stores: storesOf(holder.kind),
      carriesRun,
      service,
      served: () => hostsOf(standing),
      surroundings: () => surroundingsOf(standing),
    },
  };
}

function untrusted(old: Thumbprint): string {
  return `It still uses ${old}. Only an event that neither SYSTEM nor an administrator wrote names its successor.`;
}

function isHeld(pair: RenewalPair | undefined, held: Renewal | undefined): boolean {
  return held !== undefined && held.new === pair?.renewal.new;
}

function whyHeld(
  pair: RenewalPair | undefined,
  held: Renewal | undefined,
): Pick<SkippedEntry, 'reason' | 'detail'> | null {
  if (held === undefined || !isHeld(pair, held)) return null;
  const how = `certrebind rebind --old ${held.old} --new ${held.new}`;
  return {
    reason: 'held',
    detail: `${held.new} was rolled back here and is not tried again by itself. To apply it again: ${how}`,
  };
}

/** Whether a renewal is applied to holders of this kind. */
export function isMoved(standing: HolderInUse, configuration: Pick<Configuration, 'holders' | 'window'>): boolean {
  const { policy } = configuration.holders[standing.holder.kind];
  return policy === 'replace' && standing.sharedFrom === null && mayRestart(standing, configuration);
}

function isSetAgain({ service }: HolderInUse, pair: RenewalPair | undefined): boolean {
  return service !== null && pair !== undefined && pair.renewal.old === pair.renewal.new;
}

const notRestartedFor = 'It has this certificate, and its service is not restarted for that.';

/** Why a holder does not get the successor of its certificate; `null` if it does. */
export function whyNotMoved(
  standing: HolderInUse,
  configuration: Configuration,
  successor: Thumbprint | null,
): Pick<SkippedEntry, 'reason' | 'detail' | 'command'> | null {
  const { holder } = standing;
  const held = thumbprintOf(holder);
  const detail = whyExcluded(namesOfHolder(standing), [held, successor], configuration.exclude);
  if (detail !== null) return { reason: 'excluded', detail };
  if (isMoved(standing, configuration)) return null;
  const shared = leftAsShared(standing, successor);
  if (shared !== null) return shared;
  const byHand = leftByPolicy(standing, successor, configuration);
  if (byHand !== null) return byHand;
  return {
    reason: 'report-only',
    detail: `It still uses ${held}: the policy for ${pluralOf(holder.kind)} is report.`,
    command: `certrebind config set holders.${holder.kind}.policy replace`,
  };
}

/** It is not known which of several successors is meant. */
function ambiguousEntry(
  key: KeyText,
  consumers: readonly Consumer[],
  unresolved: UnresolvedRenewal,
  { endOf }: HolderSurvey,
): BlockedEntry {
  const { old, candidates } = unresolved;
  const detail = unresolvedText(unresolved);
  return { key, consumers, renewal: candidates[0], reason: 'ambiguous', detail, hosts: [], endsAt: endOf(old) };
}

function hostsOf({ places }: HolderInUse) {
  const named = groupBy(
    places.filter(({ host }) => host !== ''),
    ({ host }) => host,
  );
  const hosts = distinct(named.keys()).map((host) => ({
    host,
    sites: distinct((named.get(host) ?? []).map(({ site }) => site)),
  }));
  return { hosts, catchAll: places.some(({ host }) => host === ''), address: null };
}

function surroundingsOf({ places, service }: HolderInUse): StepExtras {
  const stopped = distinct(places.filter(({ state }) => state === 'stopped').map(({ site }) => site));
  const text = `Not tested, because the site is stopped: ${stopped.join(', ')}.`;
  return {
    verify: places.filter(({ state }) => state !== 'stopped').map(({ endpoint }) => endpoint),
    notes: [
      ...(service === null ? [] : [restartNote(service)]),
      ...(stopped.length === 0 ? [] : [{ code: 'site-stopped', text } as const]),
    ],
  };
}
