import type { BlockCode } from '../model/codes.ts';
import type { LedgerEntry } from '../model/ledger.ts';
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
  const concerned = grouped(plan.steps, concernOf);
  const blocked = grouped(plan.blocked, (entry) => pairText(entry.renewal));
  return plan.renewals.flatMap((renewal) => {
    const concerns = new Set([pairText(renewal), renewal.old, renewal.new]);
    const steps = [...concerns].flatMap((concern) => concerned.get(concern) ?? []);
    const back = steps.filter((step) => putsBack(step, renewal));
    const forth = steps.filter((step) => !putsBack(step, renewal));
    const didChange = (step: Step) => results.get(step.id) === 'changed';
    if (back.some(didChange)) return { renewal, state: 'undone', reasons: [], run, at };
    if (isUndo && plan.steps.length + plan.blocked.length === 0) {
      // Every record is as it was before: somebody else was quicker, and the undo still says that it is to stay so.
      return { renewal, state: 'undone', reasons: [], run: null, at };
    }
    if (isUndo && !forth.some(didChange)) return [];
    const reasons = [...new Set(blocked.get(pairText(renewal))?.map(({ reason }) => reason))].sort();
    const state = stateOf(
      forth.map((step) => results.get(step.id) ?? 'not-attempted'),
      reasons,
    );
    // A plan file did not name every record, so there is more to do.
    if (state === 'settled' && plan.skipped.some(({ reason }) => reason === 'not-in-plan')) {
      return { renewal, state: 'pending', reasons, run: steps.length > 0 ? run : null, at };
    }
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

/** A swap concerns the renewal it was planned for; any other step those of the certificate it leaves on the record. */
function concernOf(step: Step): string {
  return step.action === 'swap' ? pairText(step.renewal) : (wantedRecord(step)?.thumbprint ?? '');
}

function pairText(renewal: Renewal): string {
  return `${renewal.old} ${renewal.new}`;
}

function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

function putsBack(step: Step, renewal: Renewal): boolean {
  return renewal.old !== renewal.new && wantedRecord(step)?.thumbprint === renewal.old;
}
