import { canonicalJson } from '../../base/canonical-json.ts';
import { CertRebindError } from '../../base/errors.ts';
import { firstClauses } from '../../documents/finding.ts';
import type { Ledger } from '../../documents/runs/ledger.ts';
import {
  type BlockedEntry,
  meetsFirst,
  type Plan,
  type SkippedEntry,
  type Step,
  taskOf,
} from '../../documents/runs/plan.ts';
import type { Consumer } from '../../kinds/consumer.ts';
import { type Holder, onlyCertificateDiffers, sameHolder, thumbprintOf } from '../../kinds/holder.ts';
import { holdersByKey } from '../../kinds/place.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { Snapshot } from '../../kinds/snapshot.ts';
import { givenRenewal, pairText, type Renewal } from '../../model/certificates/renewal.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { renewalsFromNames } from '../known/renewals-from-names.ts';
import { resolveChains } from '../known/resolve-chains.ts';
import { toldHere } from '../known/succession.ts';
import type { Policy } from './overrides.ts';
import { partsOfRebind } from './plan-rebind.ts';
import { type PlanParts, putTogether } from './put-together.ts';

export interface ChoiceRequest {
  /** A plan that was made earlier, perhaps on another machine, and read from a file. */
  readonly chosen: Plan;
  readonly snapshot: Snapshot;
  readonly configuration: Policy;
  readonly ledger: Ledger;
  /** Accept the server as it is if it differs from the plan. */
  readonly force: boolean;
}

/**
 * The plan for what somebody chose earlier. Only the choice is taken from the earlier plan: which records are to hold
 * which certificate. Everything else (guards, owners, endpoints and stores) is derived from the server as it is now.
 * What a guard blocks now is blocked; everything else that the earlier plan says about the server must still be true.
 * @throws CertRebindError `other-server`; `outside-window`; `plan-edited` for a plan that `plan` never writes; `plan-stale` naming the records
 */
export function planChosen({ chosen, snapshot, configuration, ledger, force }: ChoiceRequest): Plan {
  assertThisServer(chosen, snapshot);
  // Rights on a new key are given only where the earlier plan gave some.
  const grants = new Set(chosen.steps.filter((step) => taskOf(step) === 'grant').map(({ key }) => key));
  // Nobody chooses debts: every run pays them.
  const swaps = chosen.steps.filter((step) => step.turn !== 'debt' && taskOf(step) !== 'grant').map(assertSwap);
  const holders = holdersByKey(snapshot);
  const made = partsOfRebind({
    snapshot,
    renewals: renewalsToTake(chosen, swaps, force ? holders : new Map(), byPairHere(snapshot, ledger, configuration)),
    configuration,
    ledger,
    reapply: true,
  });
  const now: Now = {
    holders,
    steps: new Map(made.steps.filter(isSwap).map((step) => [step.key, step])),
    skipped: new Map(made.skipped.map((entry) => [entry.key, entry])),
  };
  const differing = swaps.flatMap((step) => differences(step, now));
  // A plan that was made outside of the window has nothing but what waits for it.
  assertInWindow(swaps.length > 0 ? swaps : chosen.blocked.filter(waitsForWindow), made);
  const hopeless = differing.filter(({ isFinal }) => isFinal);
  if (hopeless.length > 0 || (differing.length > 0 && !force))
    throw force ? staleError(hopeless, 'Make the plan again.') : staleError(differing);

  return putTogether(snapshot, choiceOf(chosen, swaps, made, { holders, grants }), made);
}

/** Nobody would carry the plan out later: when the window opens, everything pending at that time is applied. */
function assertInWindow(wanted: readonly { readonly key: KeyText }[], { blocked, notBefore }: PlanParts): void {
  const keys = new Set(wanted.map(({ key }) => key));
  const waiting = blocked.find((entry) => waitsForWindow(entry) && keys.has(entry.key));
  if (waiting === undefined || notBefore === undefined) return;
  throw new CertRebindError('outside-window', {
    message: `${waiting.key}: ${waiting.obstacles[0].text} Nothing was changed.`,
    where: waiting.key,
  });
}

function waitsForWindow(entry: BlockedEntry): boolean {
  return meetsFirst('outside-window', entry);
}

/** A step that changes nothing but a certificate. */
type SwapStep = Step & { readonly before: Holder; readonly wanted: Holder; readonly renewal: Renewal };

function isSwap(step: Step): step is SwapStep {
  return step.renewal !== null && onlyCertificateDiffers(step.before, step.wanted);
}

/**
 * The part of the plan for the server as it is now that concerns the earlier one: its records, and others with its
 * certificates.
 */
function choiceOf(
  chosen: Plan,
  swaps: readonly SwapStep[],
  made: PlanParts,
  { holders, grants }: { readonly holders: ReadonlyMap<KeyText, Holder>; readonly grants: ReadonlySet<KeyText> },
): PlanParts {
  const wanted = new Set(swaps.map(({ key }) => key));
  const certificates = new Set<Thumbprint | null>(chosen.renewals.flatMap((one) => [one.old, one.new]));
  const concerns = ({ key }: { readonly key: KeyText }) =>
    wanted.has(key) || certificates.has(thumbprintOf(holders.get(key) ?? null));
  const steps = made.steps.filter(isSwap);
  const taken = steps.filter(({ key }) => wanted.has(key));
  const brought = new Set(taken.map(({ renewal }) => pairText(renewal)));
  const granted = made.steps.filter(
    ({ key, wanted, renewal }) =>
      wanted?.kind === 'keyAccess' && grants.has(key) && renewal !== null && brought.has(pairText(renewal)),
  );
  const left = steps.filter((step) => !wanted.has(step.key) && concerns(step));
  const used = new Set(
    [...taken, ...chosen.renewals.map((renewal) => ({ renewal }))].map(({ renewal }) => pairText(renewal)),
  );
  return {
    ...made,
    renewals: made.renewals.filter((renewal) => used.has(pairText(renewal))),
    steps: [...granted, ...taken],
    blocked: made.blocked.filter(concerns),
    skipped: [...made.skipped.filter(concerns), ...left.map(notChosen)],
  };
}

function assertThisServer({ server: planned }: Plan, { server }: Snapshot): void {
  if (planned.id === server.id) return;
  const identity = planned.name === server.name ? ' with another identity' : '';
  throw new CertRebindError('other-server', {
    message: `The plan was made for ${planned.name}, but this is ${server.name}${identity}.`,
  });
}

function assertSwap(step: Step): SwapStep {
  if (isSwap(step)) return step;
  throw new CertRebindError('plan-edited', {
    message: `Step ${step.id} of the plan does more than change a certificate. certrebind plan never writes such a step.`,
  });
}

/** What this server itself tells of renewals, by pair. */
function byPairHere(snapshot: Snapshot, ledger: Ledger, configuration: Policy): ReadonlyMap<string, Renewal> {
  const { renewals } = resolveChains(toldHere(snapshot, renewalsFromNames(snapshot, ledger, configuration)));
  return new Map(renewals.map((renewal) => [pairText(renewal), renewal]));
}

/**
 * The pairs of the plan and, with force, those of the records as they are now. How a pair was learnt is taken from this
 * server; a pair that it does not know counts as given by the person who chose the plan.
 */
function renewalsToTake(
  { renewals }: Plan,
  swaps: readonly SwapStep[],
  forced: ReadonlyMap<KeyText, Holder>,
  known: ReadonlyMap<string, Renewal>,
): readonly Renewal[] {
  const pairs = new Map<string, Renewal>();
  const take = (old: Renewal['old'], successor: Renewal['new'], isGiven: boolean) => {
    const given = givenRenewal(old, successor);
    const renewal = isGiven ? given : (known.get(pairText(given)) ?? given);
    if (!pairs.has(pairText(given))) pairs.set(pairText(given), renewal);
  };
  for (const renewal of renewals) take(renewal.old, renewal.new, renewal.source === 'given');
  for (const { key, before, wanted } of swaps) {
    const [held, successor] = [thumbprintOf(before), thumbprintOf(wanted)];
    if (successor === null) continue;
    if (held !== null) take(held, successor, true);
    const now = thumbprintOf(forced.get(key) ?? null);
    if (now !== null && now !== successor) take(now, successor, true);
  }
  return [...pairs.values()];
}

/** What the plan for the server as it is now says of each holder. */
interface Now {
  readonly holders: ReadonlyMap<KeyText, Holder>;
  readonly steps: ReadonlyMap<KeyText, SwapStep>;
  readonly skipped: ReadonlyMap<KeyText, SkippedEntry>;
}

interface Difference {
  readonly key: KeyText;
  readonly why: string;
  /** Not even force accepts this difference. */
  readonly isFinal: boolean;
}

function differences(step: SwapStep, { holders, steps, skipped }: Now): readonly Difference[] {
  const { key, before } = step;
  const differs = (why: string, isFinal = false) => [{ key, why, isFinal }];
  const holder = holders.get(key);
  if (holder === undefined) return differs(`used ${held(before)} and is gone`, true);
  const skip = skipped.get(key);
  if (skip !== undefined && !meetsFirst('already', skip))
    return differs(`is not changed: ${skip.obstacles[0].text.replace(/\.$/, '')}`, true);
  if (thumbprintOf(holder) === null) return differs('uses no certificate', true);
  if (!sameHolder(before, holder)) {
    const options = thumbprintOf(before) === thumbprintOf(holder) ? ' with other options' : '';
    return differs(`used ${held(before)} and now uses ${held(holder)}${options}`);
  }
  const now = steps.get(key);
  if (now === undefined) return [];
  const [then, today] = [step.wanted.value, now.wanted.value];
  if (today.thumbprint !== then.thumbprint) {
    return differs(`was to get ${then.thumbprint}, and would now get ${today.thumbprint}`, true);
  }
  if (today.store !== then.store)
    return differs(`was to use the store ${then.store}, and would now use ${today.store}`);
  if (usersOf(now) !== usersOf(step)) return differs('is used by other bindings than in the plan');
  // An endpoint that does not answer now, because a site or the web service was stopped, means less proof, and the
  // outcome says so.
  const isStopped = now.verify.length === 0 || canonicalJson(now.consumers) !== canonicalJson(step.consumers);
  if (isStopped || canonicalJson(now.verify) === canonicalJson(step.verify)) return [];
  return differs('has other endpoints than in the plan');
}

function held(holder: Holder): string {
  return thumbprintOf(holder) ?? 'no certificate';
}

/** Who uses a record, whether its sites run or not. */
function usersOf({ consumers }: SwapStep): string {
  return canonicalJson(consumers.map((consumer: Consumer) => ({ ...consumer, siteState: undefined })));
}

function notChosen({ key, before, consumers, renewal }: SwapStep): SkippedEntry {
  const text = `It uses ${held(before)} and is not in the plan.`;
  return { key, consumers, renewal, obstacles: [{ code: 'not-in-plan', text }] };
}

/** More would only scroll past. */
const shown = 20;

function staleError(differing: readonly Difference[], hint?: string): CertRebindError {
  const clauses = differing.map(({ key, why }) => `${key} ${why}`);
  const keys = differing.slice(0, shown).map(({ key }) => key);
  return new CertRebindError('plan-stale', {
    message: `The plan no longer fits this server: ${firstClauses(clauses, shown)}.`,
    where: keys.join(', '),
    ...(hint === undefined ? {} : { hint }),
  });
}
