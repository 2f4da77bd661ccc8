import type { RunResult } from '../../documents/runs/step-states.ts';

/** What the demo showed. */
export interface Demo {
  readonly schema: 'certrebind/demo/1';
  readonly result: RunResult;
  readonly exitCode: number;
  /** Endpoints that clients kept connecting to. */
  readonly endpoints: number;
  /** TLS records that were swapped. */
  readonly records: number;
  readonly handshakes: { readonly tried: number; readonly failed: number; readonly perSecond: number };
  /** From the event to the moment when the last endpoint served the new certificate. */
  readonly eventToServedMs: number;
  /** From the first change to the last, as the journal has it. */
  readonly swapMs: number;
}
