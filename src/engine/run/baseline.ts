import type { Step } from '../../documents/runs/plan.ts';
import type { Stage } from '../../documents/runs/progress.ts';
import { type Endpoint, endpointId, type Observation } from '../../model/certificates/handshake.ts';

import type { RunContext } from './context.ts';
import { report } from './execution.ts';

/** Enough to be fast on a large server, few enough not to burden it. */
const dialledAtOnce = 32;

/** Every endpoint of these steps as it answers now; an endpoint that several records share is dialled once. */
export async function dialSteps(
  context: RunContext,
  steps: readonly Step[],
  stage: Stage,
): Promise<ReadonlyMap<Step, readonly Observation[]>> {
  const endpoints = steps.flatMap(({ verify }) => verify);
  const observed = await dialAll(context, endpoints, stage);
  return new Map(
    steps.map((step) => [step, step.verify.flatMap((endpoint) => observed.get(endpointId(endpoint)) ?? [])]),
  );
}

/** By the text of the endpoint. */
export async function dialAll(
  context: RunContext,
  endpoints: readonly Endpoint[],
  stage: Stage,
): Promise<ReadonlyMap<string, Observation>> {
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
