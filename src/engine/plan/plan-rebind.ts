import { CertRebindError } from '../../base/errors.ts';
import { compareText, distinct } from '../../base/order.ts';
import { emptyLedger, type Ledger } from '../../documents/runs/ledger.ts';
import {
  isVerifyOnly,
  meetsFirst,
  type Note,
  type Owed,
  type Plan,
  type Purpose,
  type SkippedEntry,
  type Step,
} from '../../documents/runs/plan.ts';
import { isSameTask, rebindTaskName, taskFolder } from '../../documents/scheduled-tasks.ts';
import { administrationLast, thumbprintOf } from '../../kinds/holder.ts';
import { placesOf, reportedPlaces } from '../../kinds/place.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { isBesideStores, isKnown } from '../../kinds/unknown-parts.ts';
import { type Lineage, lineageOf, pairText, type Renewal } from '../../model/certificates/renewal.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { evaluateTrust } from '../../model/certificates/trust.ts';
import { bindingsBehindIpv6 } from '../known/bindings-of-records.ts';
import { withIssuerChange } from '../known/issuer-changes.ts';
import { coOwners } from '../known/owners.ts';
import { toPair } from '../known/renewal-pair.ts';
import { type ClosedRenewals, resolveChains } from '../known/resolve-chains.ts';
import type { SetBackNow } from '../known/set-backs.ts';
import { type Succession, successionOf } from '../known/succession.ts';
import { nextScheduledStart, type ScheduledStart } from './change-window.ts';
import { decideHolder, decideRecord, decideReported, type EarlierRuns, placesInPlan } from './decide-holder.ts';
import { guardSettings, type PlanSurvey } from './decide-step.ts';
import type { Policy } from './overrides.ts';
import { planKeyAccess } from './plan-key-access.ts';
import { type PlanParts, putTogether } from './put-together.ts';
import { notesOnServer, unknownNotes } from './server-notes.ts';
import { todayOf } from './why-not-set.ts';

export interface RebindRequest extends EarlierRuns {
  readonly snapshot: Snapshot;
  /** As learnt, in any order; they are closed in this function. */
  readonly renewals: readonly Renewal[];
  /** The same joined, where the caller knows that already. */
  readonly closed?: ClosedRenewals;
  readonly configuration: Policy;
  /** Set the same hash again if old and new are the same certificate, which makes Windows build its chain again. */
  readonly reapply?: boolean;
  readonly purpose?: Purpose;
  /** Whether a person asks, so that nothing of that waits. */
  readonly byPerson?: boolean;
  /** What earlier runs and persons did, from which it is known which certificates the new ones replace. */
  readonly ledger?: Ledger;
  /** What follows from that, where the caller knows it already. */
  readonly succession?: Pick<Succession, 'pairs'>;
  /** Places where a renewal was rolled back that is tried again. */
  readonly again?: ReadonlySet<KeyText>;
  /** Steps that pay debts, and what is still owed; their holders get no other step in this plan. */
  readonly debts?: { readonly steps: readonly Step[]; readonly owed: readonly Owed[] };
  /** Notes of the caller about the whole plan. */
  readonly notes?: readonly Note[];
}

/**
 * Decides for every holder of an old or a new certificate whether it is replaced, and says why or why not.
 * Pure: the same snapshot, renewals and policy give the same bytes, in whatever order the snapshot was read.
 * @throws CertRebindError `same-certificate` when old and new are the same and `reapply` is not set
 */
export function planRebind(request: RebindRequest): Plan {
  return putTogether(request.snapshot, partsOfRebind(request));
}

/** That plan for whoever takes only some of it. */
export function partsOfRebind(request: RebindRequest): PlanParts {
  const {
    snapshot,
    renewals,
    configuration,
    purpose = 'rebind',
    ledger = emptyLedger,
    succession = successionOf(snapshot, ledger, configuration),
    notes = [],
    again = new Set(),
    debts,
  } = request;
  const { same, closed, survey, decided } = decideAll(request);
  const indebted = new Set(debts?.steps.map(({ key }) => key));
  const swaps = decided.steps.filter(({ key }) => !indebted.has(key));
  const access = planKeyAccess(swaps, survey.pairs, configuration, survey.inUse);
  const back = goingBack(renewals, succession);
  const goes = (step: Step) => step.renewal !== null && back.has(pairText(step.renewal));
  const changes = swaps.map((step) => (goes(step) ? { ...step, notes: [...step.notes, goesBackNote(step)] } : step));
  const steps = orderTurns(debts?.steps ?? [], [...access.steps, ...changes], again);
  const unclear = decided.blocked.flatMap((entry) => (meetsFirst('ambiguous', entry) ? entry.renewal : []));
  const wanted = [...closed.renewals, ...same, ...new Set(unclear), ...renewalsToVerify(swaps, closed)].sort(
    (a, b) => compareText(a.old, b.old) || compareText(a.new, b.new),
  );
  const lineage = lineageOfSteps(steps, wanted, lineageOf([...succession.pairs, ...wanted]));
  const isWaiting = decided.blocked.some((entry) => meetsFirst('outside-window', entry));
  const notBefore = isWaiting ? survey.opens?.notBefore : undefined;
  return {
    purpose,
    ...(notBefore === undefined ? {} : { notBefore }),
    policy: guardSettings(configuration),
    ...(debts === undefined ? {} : { owed: debts.owed }),
    renewals: wanted,
    ...(lineage.length === 0 ? {} : { lineage }),
    steps,
    blocked: decided.blocked,
    skipped: decided.skipped.filter(({ key }) => !indebted.has(key)),
    notes: [
      ...notes,
      ...closed.notes,
      ...access.notes,
      ...notesOnServer(snapshot, survey.pairs, decided.steps.length > 0),
      ...unknownNotes(snapshot, configuration, decided.steps.length > 0),
      ...notesOnIpv6(decided.skipped, survey),
      ...(notBefore === undefined ? [] : notesOnWaiting(snapshot)),
      ...(steps.length + decided.blocked.length > 0 ? [] : [...back.values()].map(nothingUses)),
    ],
  };
}

/** What is given and leads from a certificate to one that this had replaced, by pair. */
function goingBack(renewals: readonly Renewal[], { pairs }: Pick<Succession, 'pairs'>): ReadonlyMap<string, Renewal> {
  const given = renewals.filter(({ old, new: successor, source }) => source === 'given' && old !== successor);
  if (given.length === 0) return new Map();
  const known = new Set(pairs.map(pairText));
  const replaced = lineageOf(pairs);
  const back = given.filter((one) => !known.has(pairText(one)) && replaced(one.old).has(one.new));
  return new Map(back.map((one) => [pairText(one), one]));
}

function goesBackNote({ before, wanted }: Step): Note {
  const text = `This goes back: ${thumbprintOf(before)} had replaced ${thumbprintOf(wanted)}. The place keeps that until the next renewal.`;
  return { code: 'goes-back', text };
}

/** Most likely the two were mistaken for each other. */
function nothingUses({ old: successor, new: old }: Renewal): Note {
  const command = `certrebind rebind --old ${old} --new ${successor}`;
  const text = `${successor} renews ${old}, not the other way round, and nothing uses it yet. So nothing is changed, and nothing decided. To apply that renewal:`;
  return { code: 'goes-back', text, command };
}

/** What the wanted certificates replace besides the old ones of the plan's own renewals. */
function lineageOfSteps(
  steps: readonly Step[],
  renewals: readonly Renewal[],
  lineage: Lineage,
): NonNullable<Plan['lineage']> {
  const direct = new Set(renewals.map(pairText));
  return distinct(steps.flatMap(({ wanted }) => thumbprintOf(wanted) ?? [])).flatMap((certificate) => {
    const replaced = [...lineage(certificate)].filter((old) => !direct.has(pairText({ old, new: certificate })));
    return replaced.length === 0 ? [] : [{ certificate, replaces: replaced.sort(compareText) }];
  });
}

/** Debts, what is tried again, and the rest. In each of the three a run goes by kinds (`carryOut`). */
function orderTurns(debts: readonly Step[], steps: readonly Step[], again: ReadonlySet<KeyText>): readonly Step[] {
  const isAgain = ({ key, renewal }: Step) => renewal !== null && again.has(key);
  const [tried, rest] =
    again.size === 0 ? [[], steps] : [steps.filter(isAgain), steps.filter((step) => !isAgain(step))];
  return [...administrationLast(debts), ...tried.map((step): Step => ({ ...step, turn: 'again' })), ...rest];
}

/** What becomes of each place, and when the window opens for those that wait for it. */
export interface Decisions extends Pick<Plan, 'steps' | 'blocked' | 'skipped'> {
  /** Where the old certificate came back after a run had set the new one. */
  readonly setBacks: ReadonlyMap<KeyText, SetBackNow>;
  readonly opens: ScheduledStart | null;
}

/** What a plan for this would decide, without the rest of the plan and its digest. */
export function decisionsBy(request: RebindRequest): Decisions {
  return decideAll(request).decided;
}

/** The decisions of a plan, with the facts behind them. */
function decideAll({
  snapshot,
  renewals,
  configuration,
  closed = resolveChains(renewals.filter((renewal) => renewal.old !== renewal.new)),
  reapply = false,
  purpose = 'rebind',
  byPerson = false,
  ledger,
  ...runs
}: RebindRequest) {
  const same = renewals.filter((renewal) => renewal.old === renewal.new);
  if (same.length > 0 && !reapply) {
    throw new CertRebindError('same-certificate', { message: `Old and new are both ${same[0]?.old}.` });
  }
  // Only renewals wait: no rehearsal, and no certificate that is set again unchanged.
  const opens = nextScheduledStart(snapshot, configuration);
  const scheduledStart = purpose === 'rebind' ? opens : null;
  const startOf = ({ old, new: successor, early }: Renewal) =>
    old === successor || early !== undefined ? null : scheduledStart;
  const today = todayOf(snapshot, configuration);
  const wanted = [...closed.renewals, ...same];
  const vouchedFor = evaluateTrust(snapshot.trust, today.asOf);
  const survey: PlanSurvey = {
    ...today,
    configuration,
    pairs: new Map(wanted.map((renewal) => [renewal.old, toPair(renewal, today.certificates, vouchedFor)])),
    unresolved: new Map(closed.unresolved.map((unresolved) => [unresolved.old, unresolved])),
    newOnes: new Set(wanted.map((renewal) => renewal.new)),
    coOwners: coOwners(snapshot),
    startOf,
    opens,
    looked: ledger?.looked,
    byPerson,
  };
  const { holders, records } = placesInPlan(snapshot, configuration);
  // Setting the same certificate again is nothing that a person would have to do.
  const again = new Set<Thumbprint | null>(same.map(({ old }) => old));
  const reported = reportedPlaces(snapshot).filter(({ thumbprint }) => !again.has(thumbprint));
  const all = [
    ...records.map((record) => decideRecord(record, runs, survey)),
    ...holders.map((inUse) => decideHolder(inUse, runs, survey)),
    ...reported.map((holder) => decideReported(holder, survey)),
  ];
  const decided: Decisions = {
    steps: all.flatMap(({ step }) => step ?? []),
    blocked: all.flatMap(({ blocked }) => blocked ?? []),
    skipped: all.flatMap(({ skipped }) => skipped ?? []),
    setBacks: new Map(all.flatMap(({ setBack }) => (setBack === undefined ? [] : [[setBack.setBack.place, setBack]]))),
    opens,
  };
  return { same, closed, survey, decided };
}

/** Renewals that only steps of this plan contain. */
function renewalsToVerify(steps: readonly Step[], { renewals }: ClosedRenewals): readonly Renewal[] {
  const known = new Set(renewals.map(pairText));
  const looked = steps.flatMap((step) => (isVerifyOnly(step) && step.renewal !== null ? step.renewal : []));
  return [...new Set(looked)].filter((one) => !known.has(pairText(one)));
}

/** Records of any IPv6 address that keep the old certificate, with the sites whose IPv6 clients get it. */
function notesOnIpv6(skipped: readonly SkippedEntry[], { records, bindings }: PlanSurvey): readonly Note[] {
  const behind = bindingsBehindIpv6(records.keys(), bindings);
  return skipped.flatMap((entry): readonly Note[] => {
    const { key } = entry;
    const standing = meetsFirst('other-program', entry) ? behind.get(key) : undefined;
    if (standing === undefined) return [];
    const sites = distinct(standing.map(({ site }) => site)).join(', ');
    const text = `${key} also has the old certificate but does not belong to IIS. Clients that reach ${sites} over IPv6 still get it.`;
    return [{ code: 'ipv6-record', text }];
  });
}

/** What waits is only started by its task. */
function notesOnWaiting(snapshot: Snapshot): readonly Note[] {
  const own = { path: taskFolder, name: rebindTaskName };
  if (!isKnown(snapshot, 'tasks') || snapshot.tasks.some((task) => isSameTask(own, task) && task.enabled)) return [];
  const text = 'CertRebind is not enabled on this server, so nothing makes this change when the window opens.';
  return [{ code: 'not-enabled', text }];
}

/**
 * The plan for pairs that a person named.
 * @param oldOption what named the old ones, for errors
 * @throws CertRebindError `no-such-certificate` if this server knows nothing of the old certificate and no record holds
 * the new one: it was probably mistyped, and "nothing to do" would be taken for success
 */
export function planGiven(request: RebindRequest, oldOption: string): Plan {
  const { snapshot, renewals } = request;
  const unknown = renewals.find((renewal) => isUnknown(snapshot, renewal));
  if (unknown !== undefined) {
    throw new CertRebindError('no-such-certificate', {
      message: `This server has no certificate ${unknown.old}: it is not in My or WebHosting, and nothing uses it or ${unknown.new}.`,
      where: oldOption,
    });
  }
  return planRebind({ ...request, renewals: renewals.map((renewal) => withIssuerChange(renewal, snapshot)) });
}

/** Parts that were not looked at, or could not be read, may contain it. */
function isUnknown(snapshot: Snapshot, pair: Renewal): boolean {
  const { certificates, unreadable } = snapshot;
  if (!isKnown(snapshot, 'others') || !unreadable.every(isBesideStores)) return false;
  return (
    !certificates.some(({ thumbprint }) => thumbprint === pair.old) &&
    !placesOf(snapshot).some(({ hashes }) => hashes.includes(pair.old) || hashes.includes(pair.new))
  );
}
