import type { Endpoint, Observation } from '../model/handshake.ts';
import type { Proof } from '../model/journal.ts';
import type { Thumbprint } from '../model/thumbprint.ts';

export interface Comparison {
  readonly before: Observation;
  readonly after: Observation;
  /** What the record held before the step, and holds now. */
  readonly held: Thumbprint | null;
  readonly wanted: Thumbprint | null;
  /** The successor when the step puts its predecessor back: the wire may go on serving it. */
  readonly successor: Thumbprint | null;
}

/**
 * What one endpoint proves. The record is the truth; the wire can confirm it, or can have become worse: reachable before
 * and not now, or covered before and not now. Nothing else it does counts against a step (fidelity: wire-follows-renewal).
 */
export function compareHandshakes({ before, after, held, wanted, successor }: Comparison): Proof {
  const [earlier, later] = [before.handshake, after.handshake];
  if (later.result === 'skipped') return 'none';
  if (later.result !== 'served') return earlier.result === 'served' ? 'worse' : 'unproven';
  if (later.thumbprint === wanted) return earlier.thumbprint === wanted ? 'served-successor' : 'proven';
  if (later.thumbprint === successor) return 'served-successor';
  // Where a record was taken away, another one may answer with the same certificate.
  if (wanted !== null && later.thumbprint === held) return 'still-old';
  return before.covers === true && after.covers === false ? 'worse' : 'unproven';
}

/** Whether the wire may only be late: what was served before is served still, or it does not answer for the moment. */
export function mayComeStill({ before, after, held, wanted }: Comparison): boolean {
  const [earlier, later] = [before.handshake, after.handshake];
  if (later.result === 'skipped' || later.thumbprint === wanted) return false;
  if (later.result !== 'served') return earlier.result === 'served';
  return later.thumbprint === held || (before.covers === true && after.covers === false);
}

/** The proof of a step from those of its endpoints: the worst counts, and an endpoint not dialled says nothing. */
export function stepProof(proofs: readonly Proof[]): Proof {
  return (
    (['worse', 'still-old', 'unproven', 'served-successor', 'proven'] as const).find((proof) =>
      proofs.includes(proof),
    ) ?? 'none'
  );
}

/** Endpoints as keys of maps. */
export function endpointText({ address, port, serverName }: Endpoint): string {
  return `${address} ${port} ${serverName ?? ''}`;
}
