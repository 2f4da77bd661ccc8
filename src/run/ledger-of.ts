import type { BlockCode } from '../model/codes.ts';
import { type LedgerEntry, samePair } from '../model/ledger.ts';
import type { StepOutcome } from '../model/outcome.ts';
import type { Plan, Step } from '../model/plan.ts';
import type { Renewal } from '../model/renewal.ts';
import { wantedRecord } from '../model/step-standing.ts';

/** What a run has made of each renewal of its plan. A renewal that only an unsuccessful undo touched keeps its entry. */
export function ledgerEntries(
  plan: Plan,
  outcomes: readonly StepOutcome[],
  { run, at, isUndo }: { readonly run: string | null; readonly at: string; readonly isUndo: boolean },
): readonly LedgerEntry[] {
  const results = new Map(outcomes.map((outcome) => [outcome.id, remembered(outcome)]));
  return plan.renewals.flatMap((renewal) => {
    const steps = plan.steps.filter((step) => concerns(step, renewal));
    const back = steps.filter((step) => putsBack(step, renewal));
    const forth = steps.filter((step) => !back.includes(step));
    const didChange = (step: Step) => results.get(step.id) === 'changed';
    if (back.some(didChange)) return { renewal, state: 'undone', reasons: [], run, at };
    if (isUndo && !forth.some(didChange)) return [];
    const reasons = [
      ...new Set(plan.blocked.filter((entry) => samePair(entry.renewal, renewal)).map(({ reason }) => reason)),
    ].sort();
    const state = stateOf(
      forth.map((step) => results.get(step.id) ?? 'not-attempted'),
      reasons,
    );
    return { renewal, state, reasons, run: steps.length > 0 ? run : null, at };
  });
}

/**
 * A record that could not be put back is a person's now: the next run must not do to others what was done to it. What
 * others changed, or nobody can read, says nothing against the renewal.
 */
function remembered({ result, error }: StepOutcome): StepOutcome['result'] {
  const isOurs = error !== null && error.code !== 'changed-meanwhile' && error.code !== 'server-silent';
  return result === 'undo-failed' && isOurs ? 'undone' : result;
}

/** Blocked only by what comes late: the certificate, its key, its time. */
const comesLate: readonly BlockCode[] = ['certificate-missing', 'key-missing', 'key-unusable', 'not-yet-valid'];

function stateOf(results: readonly StepOutcome['result'][], reasons: readonly BlockCode[]): LedgerEntry['state'] {
  if (results.includes('undone')) return 'undone';
  if (results.some((result) => result !== 'changed' && result !== 'already')) return 'failed';
  if (reasons.length === 0) return 'settled';
  return reasons.every((reason) => comesLate.includes(reason)) ? 'pending' : 'blocked';
}

function concerns(step: Step, renewal: Renewal): boolean {
  if (step.action === 'swap') return samePair(step.renewal, renewal);
  const wanted = wantedRecord(step)?.thumbprint;
  return wanted === renewal.old || wanted === renewal.new;
}

function putsBack(step: Step, renewal: Renewal): boolean {
  return renewal.old !== renewal.new && wantedRecord(step)?.thumbprint === renewal.old;
}
