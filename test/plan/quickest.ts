/** Milliseconds of the quickest of some runs: what the work takes when the machine does nothing else meanwhile. */
export function quickest(work: () => void, runs = 8): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run++) {
    const started = performance.now();
    work();
    best = Math.min(best, performance.now() - started);
  }
  return best;
}
