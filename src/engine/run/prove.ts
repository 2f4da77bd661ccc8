import type { Proof } from '../../documents/runs/journal.ts';
import type { StepError } from '../../documents/runs/outcome.ts';
import { isVerifyOnly, type Plan, type Step, taskOf } from '../../documents/runs/plan.ts';
import type { Stage } from '../../documents/runs/progress.ts';
import { type StepProgress, stepError } from '../../documents/runs/step-progress.ts';
import { kindOf, showsAtOnce, thumbprintOf } from '../../kinds/holder.ts';
import { type Endpoint, endpointId, isMetBeforeHost, type Observation } from '../../model/certificates/handshake.ts';
import { lineageOf } from '../../model/certificates/renewal.ts';
import { type ChainState, chainState } from '../../model/certificates/served-chain.ts';
import type { Thumbprint } from '../../model/certificates/thumbprint.ts';
import { renewalsFromProperties } from '../known/renewals.ts';
import type { RunContext } from './context.ts';
import { appendToJournal, type Execution, report, stepsNow } from './execution.ts';

/** A listener may serve what it had cached for a moment after the change. */
const pausesMs = [200, 400, 800, 1600];
/** If only the old certificate is served, the endpoint is asked for about 15 s before that is accepted. */
const stillOldPausesMs = [3000, 4000, 5000];
/** What would be taken back has 30 s. */
const lastPausesMs = [5000, 5000, 5000];

const usualPauses = pausesMs.length + stillOldPausesMs.length;

/** Dials what was changed, compares it with the baseline, and notes what that proves. */
export async function prove(execution: Execution, ids: readonly number[]): Promise<void> {
  const steps = stepsNow(execution, ids).filter(({ state }) => state === 'untested');
  const { context } = execution;
  let seen = await dialSteps(context, steps);
  for (const [at, pause] of [...pausesMs, ...stillOldPausesMs, ...lastPausesMs].entries()) {
    const mayChange = (one: Comparison) =>
      isUnseen(one) ||
      (at < pausesMs.length ? mayComeStill(one) : at < usualPauses && compareHandshakes(one) === one.stillServed);
    const late = steps.flatMap((progress) => comparisons(execution, progress, seen).filter(mayChange));
    if (late.length === 0) break;
    await context.clock.sleep(pause);
    const endpoints = late.map(({ after }) => after.handshake.endpoint);
    seen = new Map([...seen, ...(await dialAll(context, endpoints))]);
  }
  await appendToJournal(
    execution,
    steps.map((progress) => conclusion(execution, progress, seen)),
  );
}

/**
 * Dials once more what served another certificate than the one that is set: another holder may have answered there that
 * the run changed later.
 */
export async function proveAgain(execution: Execution): Promise<void> {
  const left = stepsNow(execution).filter(
    ({ state, step }) =>
      state === 'still-old' ||
      state === 'still-served' ||
      (state === 'not-verified' && step.verify.some(isMetBeforeHost)),
  );
  const seen = await dialSteps(execution.context, left);
  const found = left.map((progress) => conclusion(execution, progress, seen));
  await appendToJournal(
    execution,
    found.filter(({ proof }) => proof === 'verified' || proof === 'served-successor'),
  );
}

/** By the texts of the endpoints. */
type Seen = ReadonlyMap<string, Observation>;

export function observationsOf({ verify }: Step, seen: Seen): readonly Observation[] {
  return verify.flatMap((endpoint) => seen.get(endpointId(endpoint)) ?? []);
}

function conclusion(execution: Execution, progress: StepProgress, seen: Seen) {
  const compared = comparisons(execution, progress, seen).map((one) => ({ ...one, proof: compareHandshakes(one) }));
  const proof = stepProof(compared.map((one) => one.proof));
  const worse = compared.find((one) => one.proof === 'worse');
  const { step } = progress;
  const as = (error: StepError | null) =>
    ({ type: 'proved', step: step.id, proof, observations: observationsOf(step, seen), error }) as const;
  if (worse !== undefined) {
    if (isUnseen(worse)) return as(stepError('replace-without-effect', unseenText(worse), step.key));
    return as(stepError(lostChain(worse) ? 'chain-not-sent' : 'endpoint-worse', worseText(worse), step.key));
  }
  const still = compared.find((one) => one.proof === 'still-old' || one.proof === 'still-served');
  if (still === undefined) return as(null);
  const follows = followsRenewal(still, execution.stored);
  return as(stepError(still.stillServed, stillServedText(still, follows), step.key));
}

/** Only endpoints that were dialled before as well: without a baseline nothing can have become worse. */
function comparisons({ plan, stored }: Execution, { step, before }: StepProgress, seen: Seen): readonly Comparison[] {
  const wanted = thumbprintOf(step.wanted);
  const { renewal } = step;
  const task = taskOf(step);
  const isBack = renewal === null ? plan.purpose === 'undo' : task === 'put-back' || task === 'check-back';
  const other = isBack ? renewal?.new : renewal?.old;
  const held = isVerifyOnly(step) ? (other ?? null) : thumbprintOf(step.before);
  const replaced = new Set(
    [held ?? [], other ?? [], isBack ? renewalsOf(wanted, plan) : replacedBy(wanted, plan)].flat(),
  );
  const stillServed = isBack ? 'still-served' : 'still-old';
  const chainOf = ({ handshake }: Observation) =>
    chainState(handshake, handshake.thumbprint === null ? undefined : stored.get(handshake.thumbprint));
  const about = { held, wanted, replaced, stillServed, showsAtOnce: showsAtOnce(kindOf(step.key)) } as const;
  const earlier = new Map(before.map((observation) => [endpointId(observation.handshake.endpoint), observation]));
  return observationsOf(step, seen).flatMap((observation) => {
    const baseline = earlier.get(endpointId(observation.handshake.endpoint));
    if (baseline === undefined) return [];
    const chain = { before: chainOf(baseline), after: chainOf(observation) };
    return [{ before: baseline, after: observation, chain, ...about }];
  });
}

function replacedBy(wanted: Thumbprint | null, { renewals, lineage = [] }: Plan): readonly Thumbprint[] {
  return [
    ...renewals.filter((renewal) => renewal.new === wanted).map(({ old }) => old),
    ...lineage.filter(({ certificate }) => certificate === wanted).flatMap(({ replaces }) => replaces),
  ];
}

/** For a holder that an undo makes again, which had nothing before it. */
function renewalsOf(old: Thumbprint | null, { renewals }: Plan): readonly Thumbprint[] {
  return renewals.filter((renewal) => renewal.old === old).map((renewal) => renewal.new);
}

function placeText({ address, port, serverName }: Endpoint): string {
  return `${address} port ${port}${serverName === null ? '' : ` as ${serverName}`}`;
}

/** Whether renewal properties lead from the certificate that is set to the one that is served. */
function followsRenewal({ wanted, after }: Comparison, stored: Execution['stored']): boolean {
  const { thumbprint } = after.handshake;
  const lineage = lineageOf(renewalsFromProperties({ certificates: [...stored.values()] }));
  return wanted !== null && thumbprint !== null && lineage(thumbprint).has(wanted);
}

function unseenText({ after, wanted }: Comparison): string {
  const { endpoint, thumbprint } = after.handshake;
  return `${placeText(endpoint)} serves ${thumbprint}, although ${wanted} is set.`;
}

function stillServedText({ after, wanted, stillServed }: Comparison, follows: boolean): string {
  const { endpoint, thumbprint } = after.handshake;
  const where = `${placeText(endpoint)} still serves ${thumbprint}, although ${wanted} is set`;
  if (stillServed === 'still-old') return `${where}.`;
  const why = ` Windows can follow the renewal property of ${wanted} to it by itself.`;
  return `${where} again.${follows ? why : ''}`;
}

function worseText(comparison: Comparison): string {
  const { before, after } = comparison;
  const { endpoint, reason, thumbprint, result, sent } = after.handshake;
  const then =
    result === 'served'
      ? lostChain(comparison)
        ? `it served ${thumbprint} without the certificate of its issuer ${sent?.upTo}, which clients need`
        : `it served ${thumbprint}, which does not cover that name`
      : `it no longer ${result === 'not-listening' ? 'listened' : 'answered'}${reason === null ? '' : `: ${reason}`}`;
  return `${placeText(endpoint)} served ${before.handshake.thumbprint} before the change. Afterwards ${then}.`;
}

interface Comparison {
  readonly before: Observation;
  readonly after: Observation;
  /** What the record held before the step. */
  readonly held: Thumbprint | null;
  readonly wanted: Thumbprint | null;
  /** What is not to be served any more, `held` included: what the wanted certificate replaces, or what is rolled back. */
  readonly replaced: ReadonlySet<Thumbprint>;
  /** What it is called if the endpoint serves it still. */
  readonly stillServed: 'still-old' | 'still-served';
  /** What was and is sent besides the certificate. */
  readonly chain: { readonly before: ChainState; readonly after: ChainState };
  /** See `MovableKindRules` in kinds/kind-rules.ts. */
  readonly showsAtOnce?: boolean;
}

/**
 * What one endpoint proves. The record is the truth; the endpoint can confirm it, or be worse than before: reachable
 * before and not now, covered before and not now, or sent with its intermediates before and not now. Nothing else it
 * does counts against a step (fidelity: wire-follows-renewal).
 */
export function compareHandshakes(comparison: Comparison): Proof {
  const { before, after, held, wanted, replaced, stillServed } = comparison;
  const [earlier, later] = [before.handshake, after.handshake];
  if (later.result === 'skipped') return 'none';
  if (later.result !== 'served') return earlier.result === 'served' ? 'worse' : 'not-verified';
  if (lostChain(comparison)) return 'worse';
  if (later.thumbprint === wanted) return earlier.thumbprint === wanted ? 'served-successor' : 'verified';
  if (isUnseen(comparison)) return 'worse';
  if (before.covers === true && after.covers === false && later.thumbprint !== held) return 'worse';
  if (isMetBeforeHost(later.endpoint)) return 'not-verified';
  // If a record was removed, another one may answer with the same certificate.
  return wanted !== null && isAmong(replaced, later.thumbprint) ? stillServed : 'not-verified';
}

function isAmong(some: ReadonlySet<Thumbprint>, served: Thumbprint | null): boolean {
  return served !== null && some.has(served);
}

/** Whether another certificate than the wanted one is served where that shows that the wanted one is not used. */
function isUnseen({ after: { handshake }, wanted, showsAtOnce }: Comparison): boolean {
  return showsAtOnce === true && handshake.result === 'served' && handshake.thumbprint !== wanted;
}

/** Whether the wanted certificate is served without an intermediate, although the previous one had all of its own. */
function lostChain({ after, wanted, chain }: Comparison): boolean {
  return after.handshake.thumbprint === wanted && chain.before === 'whole' && chain.after === 'broken';
}

/** Whether the endpoint may only be late: it still serves the old certificate, or does not answer for the moment. */
export function mayComeStill(comparison: Comparison): boolean {
  const { before, after, wanted, replaced } = comparison;
  const [earlier, later] = [before.handshake, after.handshake];
  if (later.result === 'skipped') return false;
  if (later.thumbprint === wanted) return lostChain(comparison);
  if (later.result !== 'served') return earlier.result === 'served';
  return isAmong(replaced, later.thumbprint) || (before.covers === true && after.covers === false);
}

/**
 * The proof of a step from those of its endpoints: the worst counts, and an endpoint that was not dialled says nothing.
 */
export function stepProof(proofs: readonly Proof[]): Proof {
  return (
    (['worse', 'still-old', 'still-served', 'not-verified', 'served-successor', 'verified'] as const).find((proof) =>
      proofs.includes(proof),
    ) ?? 'none'
  );
}

/** Enough to be fast on a large server, few enough not to burden it. */
const dialledAtOnce = 32;

function dialSteps(context: RunContext, steps: readonly StepProgress[]): Promise<Seen> {
  return dialAll(
    context,
    steps.flatMap(({ step }) => step.verify),
  );
}

/** These endpoints as they answer now; one that several records share is dialled once. */
export async function dialAll(
  context: RunContext,
  endpoints: readonly Endpoint[],
  stage: Stage = 'prove',
): Promise<Seen> {
  const waiting = [...new Map(endpoints.map((endpoint) => [endpointId(endpoint), endpoint]))];
  const total = waiting.length;
  const observed = new Map<string, Observation>();
  async function dialNext(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [text, endpoint] = next;
      observed.set(text, await context.handshake(endpoint));
      report(context, stage, observed.size, total);
    }
  }
  await Promise.all(Array.from({ length: Math.min(dialledAtOnce, total) }, dialNext));
  return observed;
}
