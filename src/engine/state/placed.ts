import { asResult, CertRebindError } from '../../base/errors.ts';
import type { Ledger, Unplaced } from '../../documents/runs/ledger.ts';
import type { Outcome } from '../../documents/runs/outcome.ts';
import { changed } from '../../documents/runs/step-states.ts';

/** With the decisions at the places that their runs tell; those of which no run tells any are left. */
export async function placed(
  { unplaced = [], ...ledger }: Ledger,
  readOutcome: (run: string) => Promise<Outcome | null>,
): Promise<Ledger> {
  if (unplaced.length === 0) return ledger;
  const left: Unplaced[] = [];
  const decisions = [...ledger.decisions];
  for (const one of unplaced) {
    const outcome = one.run === null ? null : await asResult(() => readOutcome(one.run ?? ''));
    const steps = outcome === null || outcome instanceof CertRebindError ? [] : outcome.steps;
    const places = steps.filter(
      ({ state, error }) => changed(state) || state === 'rolled-back' || error?.code === 'canary-failed',
    );
    if (places.length === 0) left.push(one);
    decisions.push(...places.map(({ key }) => ({ ...one, place: key })));
  }
  return { ...ledger, decisions, ...(left.length > 0 && { unplaced: left }) };
}
