import { pairText, type Renewal } from '../model/certificates/renewal.ts';
import { isMovable, kindOf, thumbprintOf } from '../model/holders/holder.ts';
import { type Ledger, type LedgerEntry, withHeldBefore, withKnownEvent } from '../model/runs/ledger.ts';
import type { StepOutcome } from '../model/runs/outcome.ts';
import type { Plan, Step } from '../model/runs/plan.ts';
import { changed, type State, stands } from '../model/runs/step-states.ts';
import { type BlockCode, comesLate } from '../model/text/codes.ts';
import { groupBy } from '../model/text/group.ts';

/** What a run adds to the ledger, with what that knew of the same renewals. */
export function entriesOfRun(
  ledger: Ledger,
  plan: Plan,
  outcomes: readonly StepOutcome[],
  when: { readonly run: string; readonly at: string },
): readonly LedgerEntry[] {
  return ledgerEntries(plan, outcomes, when).map((entry) =>
    withHeldBefore(withKnownEvent(entry, ledger), ledger, plan),
  );
}

/** What a run did with each renewal of its plan. A renewal that only an unsuccessful undo touched keeps its entry. */
export function ledgerEntries(
  plan: Plan,
  outcomes: readonly StepOutcome[],
  { run, at }: { readonly run: string; readonly at: string },
): readonly LedgerEntry[] {
  const ends = new Map(outcomes.map((outcome) => [outcome.id, remembered(outcome)]));
  // Rights that an undo takes back say nothing about which holders have the certificate.
  const told = plan.purpose === 'undo' ? plan.steps.filter(({ before }) => before?.kind !== 'keyAccess') : plan.steps;
  const concerned = groupBy(told, concernOf);
  const blocked = groupBy(plan.blocked, (entry) => pairText(entry.renewal));
  const isUndo = plan.purpose === 'undo';
  return plan.renewals.flatMap((renewal) => {
    const concerns = new Set([pairText(renewal), renewal.old, renewal.new]);
    const steps = [...concerns].flatMap((concern) => concerned.get(concern) ?? []);
    const back = steps.filter((step) => putsBack(step, renewal));
    const forth = steps.filter((step) => !putsBack(step, renewal));
    const didChange = (step: Step) => changed(ends.get(step.id) ?? 'not-attempted');
    if (back.some(didChange)) return { renewal, state: 'undone', reasons: [], run, at };
    if (isUndo && plan.steps.length + plan.blocked.length === 0) {
      // Every record is as before: somebody else was faster, and the undo still records that it is to stay so.
      return { renewal, state: 'undone', reasons: [], run: null, at };
    }
    if (isUndo && !forth.some(didChange)) return [];
    const reasons = [...new Set(blocked.get(pairText(renewal))?.map(({ reason }) => reason))].sort();
    const stillOld = forth.filter((step) => ends.get(step.id) === 'still-old').map(({ key }) => key);
    const held = new Set(isUndo ? [] : heldSteps(forth, outcomes, ends));
    const state = stateOf(
      forth.filter((step) => !held.has(step)).map((step) => ends.get(step.id) ?? 'not-attempted'),
      reasons,
    );
    const open = {
      ...(stillOld.length === 0 ? {} : { stillOld }),
      ...(held.size === 0 || state === 'undone' ? {} : { heldAt: [...held].map(({ key }) => key) }),
    };
    // A plan file did not name every record, so there is more to do.
    if (state === 'settled' && plan.skipped.some(({ reason }) => reason === 'not-in-plan')) {
      return { renewal, state: 'pending', reasons, run: steps.length > 0 ? run : null, at, ...open };
    }
    return { renewal, state, reasons, run: steps.length > 0 ? run : null, at, ...open };
  });
}

/**
 * FTP sites and listeners where the new certificate was put back, with the others of their kind that did not get it.
 * What happens there says nothing about the rest of the renewal.
 */
function heldSteps(
  steps: readonly Step[],
  outcomes: readonly StepOutcome[],
  ends: ReadonlyMap<number, State>,
): readonly Step[] {
  const spared = new Set(outcomes.filter(({ error }) => error?.code === 'canary-failed').map(({ id }) => id));
  const others = steps.filter(({ key }) => isMovable(kindOf(key)));
  const kinds = new Set(others.filter(({ id }) => ends.get(id) === 'put-back').map(({ key }) => kindOf(key)));
  return others.filter(({ id, key }) => ends.get(id) === 'put-back' || (kinds.has(kindOf(key)) && spared.has(id)));
}

/**
 * A record that could not be put back is left to a person: the next run must not do the same to others. A record that
 * others changed, or that cannot be read, says nothing against the renewal.
 */
function remembered({ state, error }: StepOutcome): State {
  const isOurs = error !== null && error.code !== 'changed-meanwhile' && error.code !== 'server-silent';
  return state === 'put-back-failed' && isOurs ? 'put-back' : state;
}

function stateOf(ends: readonly State[], reasons: readonly BlockCode[]): LedgerEntry['state'] {
  if (ends.includes('put-back')) return 'undone';
  if (!ends.every(stands) || ends.includes('still-old')) return 'failed';
  if (reasons.length === 0) return 'settled';
  return reasons.every((reason) => comesLate[reason] !== undefined) ? 'pending' : 'blocked';
}

/**
 * A swap belongs to the renewal it was planned for; any other step to those of the certificate that it leaves on the
 * record.
 */
function concernOf({ renewal, wanted }: Step): string {
  return renewal === null ? (thumbprintOf(wanted) ?? '') : pairText(renewal);
}

function putsBack(step: Step, renewal: Renewal): boolean {
  return renewal.old !== renewal.new && thumbprintOf(step.wanted) === renewal.old;
}
