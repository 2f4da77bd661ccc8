import type { Observation } from '../certificates/handshake.ts';
import type { ChainState } from '../certificates/served-chain.ts';
import type { Thumbprint } from '../certificates/thumbprint.ts';
import type { Proof } from '../documents/runs/journal.ts';

export interface Comparison {
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
  if (later.result !== 'served') return earlier.result === 'served' ? 'worse' : 'unproven';
  if (lostChain(comparison)) return 'worse';
  if (later.thumbprint === wanted) return earlier.thumbprint === wanted ? 'served-successor' : 'proven';
  if (before.covers === true && after.covers === false && later.thumbprint !== held) return 'worse';
  // If a record was removed, another one may answer with the same certificate.
  return wanted !== null && isIn(replaced, later.thumbprint) ? stillServed : 'unproven';
}

/** Whether the wanted certificate is served without an intermediate, although the previous one had all of its own. */
export function lostChain({ after, wanted, chain }: Comparison): boolean {
  return after.handshake.thumbprint === wanted && chain.before === 'whole' && chain.after === 'broken';
}

/** Whether the endpoint may only be late: it still serves the old certificate, or does not answer for the moment. */
export function mayComeStill(comparison: Comparison): boolean {
  const { before, after, wanted, replaced } = comparison;
  const [earlier, later] = [before.handshake, after.handshake];
  if (later.result === 'skipped') return false;
  if (later.thumbprint === wanted) return lostChain(comparison);
  if (later.result !== 'served') return earlier.result === 'served';
  return isIn(replaced, later.thumbprint) || (before.covers === true && after.covers === false);
}

function isIn(thumbprints: ReadonlySet<Thumbprint>, thumbprint: Thumbprint | null): boolean {
  return thumbprint !== null && thumbprints.has(thumbprint);
}

/**
 * The proof of a step from those of its endpoints: the worst counts, and an endpoint that was not dialled says nothing.
 */
export function stepProof(proofs: readonly Proof[]): Proof {
  return (
    (['worse', 'still-old', 'still-served', 'unproven', 'served-successor', 'proven'] as const).find((proof) =>
      proofs.includes(proof),
    ) ?? 'none'
  );
}
