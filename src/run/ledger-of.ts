import { pairText } from '../model/certificates/renewal.ts';
import { isMovable, kindOf, thumbprintOf } from '../model/holders/holder.ts';
import { type Ledger, type LedgerEntry, withKnownEvent, withOpenBefore } from '../model/runs/ledger.ts';
import type { StepOutcome } from '../model/runs/outcome.ts';
import { isLook, looksBack, type Plan, putsBack, type Step } from '../model/runs/plan.ts';
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
  const entries = ledgerEntries(plan, outcomes, when).map((entry) =>
    withOpenBefore(withKnownEvent(entry, ledger), ledger, plan),
  );
  return [...entries, ...judgedAgain(ledger, entries, plan, outcomes)];
}

/**
 * Entries of earlier runs whose endpoints this run has seen again: they serve what is set, or what they serve is now
 * said of a newer renewal at the same holder.
 */
function judgedAgain(
  ledger: Ledger,
  entries: readonly LedgerEntry[],
  { steps }: Plan,
  outcomes: readonly StepOutcome[],
): readonly LedgerEntry[] {
  const ends = new Map(outcomes.map(({ id, state }) => [id, state]));
  const seen = steps.filter((step) => {
    const state = ends.get(step.id);
    if (isLook(step)) return state === 'already';
    return state === 'proven' || state === 'served-successor' || state === 'still-old' || state === 'still-served';
  });
  const keys = new Set(seen.map(({ key }) => key));
  const told = new Set(entries.map(({ renewal }) => pairText(renewal)));
  return ledger.entries.flatMap(({ stillOld = [], ...entry }) => {
    const left = stillOld.filter((key) => !keys.has(key));
    if (left.length === stillOld.length || told.has(pairText(entry.renewal))) return [];
    return [left.length === 0 ? entry : { ...entry, stillOld: left }];
  });
}

/** What a run did with each renewal of its plan. A renewal that only an unsuccessful undo touched keeps its entry. */
export function ledgerEntries(
  plan: Plan,
  outcomes: readonly StepOutcome[],
  { run, at }: { readonly run: string; readonly at: string },
): readonly LedgerEntry[] {
  const ends = new Map(outcomes.map((outcome) => [outcome.id, remembered(outcome)]));
  // Rights that an undo takes back say nothing about which holders have the certificate.
  const isUndo = plan.purpose === 'undo';
  const all = plan.steps;
  const told = all.filter((step) => !looksBack(step) && !(isUndo && step.before?.kind === 'keyAccess'));
  const concerned = groupBy(told, concernOf);
  const onlyLooked = new Set(all.filter(looksBack).map(concernOf));
  const blocked = groupBy(plan.blocked, (entry) => pairText(entry.renewal));
  return plan.renewals.flatMap((renewal) => {
    const concerns = new Set([pairText(renewal), renewal.old, renewal.new]);
    const steps = [...concerns].flatMap((concern) => concerned.get(concern) ?? []);
    if (steps.length === 0 && onlyLooked.has(pairText(renewal))) return [];
    const back = steps.filter(({ wanted }) => putsBack({ wanted, renewal }));
    const forth = steps.filter((step) => !back.includes(step));
    const didChange = (step: Step) => changed(ends.get(step.id) ?? 'not-attempted');
    const endedAs = (among: readonly Step[], state: State) =>
      among.filter((step) => ends.get(step.id) === state).map(({ key }) => key);
    if (back.some(didChange)) {
      const stillServed = endedAs(back, 'still-served');
      return {
        renewal,
        state: 'undone',
        reasons: [],
        run,
        at,
        ...(stillServed.length > 0 && { stillOld: stillServed }),
      };
    }
    if (isUndo && all.length + plan.blocked.length === 0) {
      // Every record is as before: somebody else was faster, and the undo still records that it is to stay so.
      return { renewal, state: 'undone', reasons: [], run: null, at };
    }
    if (isUndo && !forth.some(didChange)) return [];
    const reasons = [...new Set(blocked.get(pairText(renewal))?.map(({ reason }) => reason))].sort();
    const stillOld = endedAs(forth, 'still-old');
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
