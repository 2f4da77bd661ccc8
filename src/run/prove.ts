import { wantedRecord } from '../model/step-standing.ts';
import { dialAll, dialSteps } from './baseline.ts';
import { type Comparison, compareHandshakes, endpointText, mayComeStill, stepProof } from './compare-handshakes.ts';
import { type Execution, type StepProgress, stepError, tell } from './execution.ts';

/** A listener may serve what it had cached for a moment after the change. */
const pausesMs = [200, 400, 800, 1600];

/** Dials what was changed, compares with the baseline, and marks for putting back what has become worse. */
export async function prove(execution: Execution, among: readonly StepProgress[]): Promise<void> {
  const steps = among.filter(({ next }) => next === 'prove');
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
  const compared = comparisons(progress).map((one) => ({ ...one, proof: compareHandshakes(one) }));
  progress.proof = stepProof(compared.map(({ proof }) => proof));
  const worse = compared.find(({ proof }) => proof === 'worse');
  if (worse === undefined) Object.assign(progress, { next: null, result: 'changed', error: null });
  else
    Object.assign(progress, { next: 'put-back', error: stepError('endpoint-worse', worseText(worse), progress.key) });
}

/** Of every endpoint that was dialled before, too: without a baseline nothing can have become worse. */
function comparisons({ step, before, after }: StepProgress): readonly Comparison[] {
  const wanted = wantedRecord(step)?.thumbprint ?? null;
  const held = step.before?.thumbprint ?? null;
  // The wire may go on serving the new certificate when a step puts the old one back.
  const successor = step.action === 'swap' ? step.renewal.new : null;
  const earlier = new Map(before.map((observation) => [endpointText(observation.handshake.endpoint), observation]));
  return after.flatMap((observation) => {
    const baseline = earlier.get(endpointText(observation.handshake.endpoint));
    return baseline === undefined ? [] : [{ before: baseline, after: observation, held, wanted, successor }];
  });
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
