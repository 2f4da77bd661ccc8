import type { Certificate } from '../../certificates/certificate.ts';
import { endpointId, type Handshake } from '../../certificates/handshake.ts';
import { byThumbprint } from '../../certificates/named-certificate.ts';
import { chainState } from '../../certificates/served-chain.ts';
import type { Outcome } from '../../documents/runs/outcome.ts';
import { stands } from '../../documents/runs/step-states.ts';
import type { Snapshot } from '../../holders/snapshot.ts';
import { endpointsOfServer, type ServerEndpoint } from '../../plan/endpoints-of-server.ts';
import type { VerifiedEndpoint } from './document.ts';

/** What an endpoint served, against what its holder names. */
export function judgeServed(
  { key, expected }: ServerEndpoint,
  seen: Handshake,
  stored: ReadonlyMap<string, Certificate>,
): VerifiedEndpoint {
  const { result, thumbprint } = seen;
  const matches = result === 'served' && expected !== null ? thumbprint === expected : null;
  const chain = thumbprint === null ? null : chainState(seen, stored.get(thumbprint));
  return { ...seen, key, expected: expected ?? '', matches, chain };
}

/** What endpoints served when a run last dialled them, as far as their holders still name what it set. */
export function servedInRun({ steps }: Pick<Outcome, 'steps'>, snapshot: Snapshot): readonly VerifiedEndpoint[] {
  const stored = byThumbprint(snapshot.certificates);
  const left = new Map(steps.filter(({ state }) => stands(state)).map((step) => [step.key, step]));
  return endpointsOfServer(snapshot).flatMap((one) => {
    const { now, after = [] } = left.get(one.key) ?? {};
    if (one.skipped !== null || now?.state !== 'holds' || now.thumbprint !== one.expected) return [];
    const seen = after.find(({ endpoint }) => endpointId(endpoint) === endpointId(one.endpoint));
    return seen === undefined || seen.result === 'skipped' ? [] : judgeServed(one, seen, stored);
  });
}
