import type { Observation } from '../model/handshake.ts';
import type { Step } from '../model/plan.ts';
import { wantedRecord } from '../model/step-standing.ts';
import { dialAll, dialSteps } from './baseline.ts';
import { type Comparison, compareHandshakes, endpointText, mayComeStill, stepProof } from './compare-handshakes.ts';
import { type Execution, type StepProgress, stepError, tell } from './execution.ts';

/** A listener may serve what it had cached for a moment after the change. */
const pausesMs = [200, 400, 800, 1600];

/** Dials what was changed, compares with the baseline, and marks for putting back what has become worse. */
export async function prove(execution: Execution, among: readonly StepProgress[]): Promise<void> {
  const steps = among.filter(({ next }) => next === 'prove');
  if (steps.length === 0) return;
  const { context } = execution;
  const dialled = await dialSteps(
    context,
    steps.map(({ step }) => step),
    'prove',
  );
  for (const progress of steps) progress.after = dialled.get(progress.step) ?? [];
  for (const pause of pausesMs) {
    const late = steps.flatMap((progress) => comparisons(progress).filter(mayComeStill));
    if (late.length === 0) break;
    await context.clock.sleep(pause);
    const again = await dialAll(
      context,
      late.map(({ after }) => after.handshake.endpoint),
      'prove',
    );
    for (const progress of steps)
      progress.after = progress.after.map((seen) => again.get(endpointText(seen.handshake.endpoint)) ?? seen);
  }
  for (const progress of steps) conclude(progress);
  await tell(
    execution,
    steps.map(({ step, proof }) => ({ type: 'proved', step: step.id, proof })),
  );
}

function conclude(progress: StepProgress): void {
  const compared = comparisons(progress);
  progress.proof = stepProof(compared.map(compareHandshakes));
  if (progress.proof !== 'worse') {
    Object.assign(progress, { next: 'none', result: 'changed', error: null });
    return;
  }
  const worse = compared.find((comparison) => compareHandshakes(comparison) === 'worse');
  const message = worse === undefined ? '' : worseText(worse);
  Object.assign(progress, { next: 'put-back', error: stepError('endpoint-worse', message, progress.key) });
}

function comparisons({ step, before, after }: StepProgress): readonly Comparison[] {
  const wanted = wantedRecord(step)?.thumbprint ?? null;
  const held = step.before?.thumbprint ?? null;
  const earlier = new Map(before.map((observation) => [endpointText(observation.handshake.endpoint), observation]));
  return after.map((observation) => ({
    before: earlier.get(endpointText(observation.handshake.endpoint)) ?? notSeen(observation),
    after: observation,
    held,
    wanted,
    successor: successorPutBack(step),
  }));
}

function successorPutBack(step: Step): Comparison['successor'] {
  return step.action === 'swap' && step.after.thumbprint === step.renewal.old ? step.renewal.new : null;
}

/** Without a baseline nothing can have become worse. */
function notSeen({ handshake }: Observation): Observation {
  return { handshake: { ...handshake, result: 'skipped', thumbprint: null }, covers: null };
}

function worseText({ before, after }: Comparison): string {
  const { endpoint, reason, thumbprint, result } = after.handshake;
  const name = endpoint.serverName === null ? '' : ` as ${endpoint.serverName}`;
  const now =
    result === 'served'
      ? `it serves ${thumbprint}, which does not cover that name`
      : `it ${result === 'not-listening' ? 'does not listen' : 'does not answer'} any more${reason === null ? '' : `: ${reason}`}`;
  return `${endpoint.address} port ${endpoint.port}${name} served ${before.handshake.thumbprint} before the change; now ${now}.`;
}
