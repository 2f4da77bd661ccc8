import { groupBy } from '../../base/group.ts';
import { compareText, distinct } from '../../base/order.ts';
import type { Configuration } from '../../documents/configuration.ts';
import type { Ledger, LedgerRenewal } from '../../documents/runs/ledger.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { pairText, type Renewal, reachable } from '../../model/certificates/renewal.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { bindingsByRecord } from '../known/bindings-of-records.ts';
import { type FindHold, findHolds, type HoldingDecision } from '../known/held-renewals.ts';
import { resolveChains, type UnresolvedRenewal } from '../known/resolve-chains.ts';
import { type Succession, successionOf } from '../known/succession.ts';
import { isMoved, placesInPlan, whyNotMoved } from './decide-holder.ts';
import { leftAlone } from './decide-record.ts';

/** A renewal whose old certificate is on holders that CertRebind may change. */
export interface StandingRenewal {
  readonly renewal: Renewal;
  /** The keys of the holders of the old certificate, certificate bindings first; never empty. */
  readonly onOld: readonly KeyText[];
  /** The keys of those that hold the new certificate already. */
  readonly onNew: readonly KeyText[];
  /** What earlier runs did with it. */
  readonly entry: LedgerRenewal | null;
  /** Why it was rolled back there, if it is tried again because that cause has gone. */
  readonly again: HoldingDecision | null;
}

/** A renewal that only a person applies again at these places. */
export interface KeptRenewal extends Pick<StandingRenewal, 'renewal' | 'onOld'> {
  /** Of several for the same reason, the first. */
  readonly decision: HoldingDecision;
}

export interface OutstandingRenewals {
  /**
   * Every link that a plan needs, as learnt; `resolveChains` and `planRebind` join them. Until they are settled, links
   * of certificates that only records of other products hold are included, so that a plan says why those are skipped.
   */
  readonly links: readonly Renewal[];
  /** Renewals to be applied, sorted by the old thumbprint. */
  readonly pending: readonly StandingRenewal[];
  /** Sorted by the old thumbprint too. */
  readonly held: readonly KeptRenewal[];
  readonly holdAt: FindHold;
  readonly succession: Succession;
  /** Those of which it is not clear what replaces the old certificate, with the holders that use it. */
  readonly unclear: readonly (UnresolvedRenewal & Pick<StandingRenewal, 'onOld'>)[];
  readonly survey: ReturnType<typeof surveyHolders>;
}

/**
 * What still has to be done, judged by what the records hold: events, renewal properties and, by policy, matching names
 * tell which certificates were renewed. That a renewal was settled once says nothing about a record that holds the old
 * certificate now: a deployment tool, a restored registry or a lost write may have set it again. Only renewals that a
 * person or a failed proof put back stay so.
 */
export function outstandingRenewals(
  snapshot: Snapshot,
  ledger: Ledger,
  configuration: Configuration,
): OutstandingRenewals {
  const succession = successionOf(snapshot, ledger, configuration);
  const learnt = succession.links;
  const survey = surveyHolders(snapshot, configuration);
  const closed = resolveChains(learnt);
  const holdAt = findHolds(ledger, snapshot);
  const isHeld = (key: KeyText, renewal: Renewal) => holdAt(key, renewal)?.isOver === false;
  const remembered = new Map(ledger.renewals.map((entry) => [pairText(entry.renewal), entry]));
  const pending: StandingRenewal[] = [];
  const held: KeptRenewal[] = [];
  for (const renewal of closed.renewals) {
    const onOld = survey.changeable(renewal);
    if (onOld.length === 0) continue;
    const entry = remembered.get(pairText(renewal)) ?? null;
    const onNew = survey.holding(renewal.new);
    // What one run decided for one reason is one thing for people; so is what is tried again.
    const groups = groupBy(onOld, (key) => {
      const hold = holdAt(key, renewal);
      if (hold === null) return '';
      return hold.isOver ? 'again' : `${hold.decision.what} ${hold.decision.run} ${hold.decision.at}`;
    });
    for (const keys of groups.values()) {
      const hold = holdAt(keys[0], renewal);
      if (hold === null || hold.isOver)
        pending.push({ renewal, onOld: keys, onNew, entry, again: hold?.decision ?? null });
      else held.push({ renewal, onOld: keys, decision: hold.decision });
    }
  }
  const isSettled = (renewal: Renewal) => remembered.get(pairText(renewal))?.left.length === 0;
  const isOpen = (renewal: Renewal) => {
    const onOld = survey.changeable(renewal);
    return onOld.length > 0 ? onOld.some((key) => !isHeld(key, renewal)) : !isSettled(renewal);
  };
  const unclear = closed.unresolved.flatMap((one) => {
    const onOld = distinct(one.candidates.filter(isOpen).flatMap((candidate) => survey.changeable(candidate)));
    return onOld.length === 0 ? [] : [{ ...one, onOld }];
  });
  const isHeldByRecord = ({ old }: { readonly old: Thumbprint }) => survey.holding(old).length > 0;
  const open = [
    ...closed.renewals.filter((renewal) => isHeldByRecord(renewal) && isOpen(renewal)),
    ...closed.unresolved.filter((one) => isHeldByRecord(one) && one.candidates.some(isOpen)),
  ];
  const wanted = reachable(
    groupBy(learnt, ({ old }) => old),
    open.map(({ old }) => old),
  );
  const links = learnt
    .filter(({ old }) => wanted.has(old))
    .sort((a, b) => compareText(pairText(a), pairText(b)) || (a.eventRecordId ?? 0) - (b.eventRecordId ?? 0));
  return { links, pending, held, holdAt, unclear, succession, survey };
}

/**
 * Newer certificates that names alone suggest where the policy takes only what is recorded, and what of that may be
 * changed. What a person gave and took back there is not suggested again.
 */
export function unrecordedRenewals(
  snapshot: Snapshot,
  ledger: Ledger,
  configuration: Configuration,
  { succession, survey, holdAt }: Pick<OutstandingRenewals, 'succession' | 'survey' | 'holdAt'>,
): readonly Pick<StandingRenewal, 'renewal' | 'onOld'>[] {
  if (configuration.successors === 'same-names') return [];
  const byNames = successionOf(snapshot, ledger, { ...configuration, successors: 'same-names' });
  return survey.olds.flatMap((old) => {
    const found = succession.successorOf(old).is === 'none' ? byNames.successorOf(old) : null;
    if (found?.is !== 'known') return [];
    const { renewal } = found;
    const isTakenBack = (key: KeyText) => holdAt(key, renewal)?.decision.by === 'person';
    return [{ renewal, onOld: survey.changeable(renewal).filter((key) => !isTakenBack(key)) }];
  });
}

function surveyHolders(snapshot: Snapshot, configuration: Configuration) {
  const bindings = bindingsByRecord(snapshot.sites);
  const inPlan = placesInPlan(snapshot, configuration);
  const records = groupBy(inPlan.records, ({ thumbprint }) => thumbprint);
  const others = groupBy(
    inPlan.holders.filter((each) => isMoved(each, configuration)),
    ({ thumbprint }) => thumbprint,
  );
  const recordsHolding = (thumbprint: Thumbprint) => records.get(thumbprint) ?? [];
  const othersOf = (thumbprint: Thumbprint) => others.get(thumbprint) ?? [];
  return {
    /** What is held anywhere that may be changed. */
    olds: distinct([...records.keys(), ...others.keys()].flatMap((thumbprint) => thumbprint ?? [])),
    holding: (thumbprint: Thumbprint) => [
      ...recordsHolding(thumbprint).map(({ key }) => key),
      ...othersOf(thumbprint).map(({ key }) => key),
    ],
    /** The holders of the old certificate that may be changed to the new one. */
    changeable: (renewal: Renewal) => [
      ...recordsHolding(renewal.old)
        .filter((record) => leftAlone(record, bindings.get(record.key) ?? [], renewal.new, configuration).length === 0)
        .map(({ key }) => key),
      ...othersOf(renewal.old)
        .filter((each) => whyNotMoved(each, configuration, renewal.new).length === 0)
        .map(({ key }) => key),
    ],
  };
}
