import { orNull } from '../../base/errors.ts';
import { groupBy } from '../../base/group.ts';
import type { Ledger } from '../../documents/runs/ledger.ts';
import type { Step } from '../../documents/runs/plan.ts';
import { changed, isApplied, type State as StepState } from '../../documents/runs/step-states.ts';
import { type Holder, isTls } from '../../kinds/holder.ts';
import type { KeyText } from '../../kinds/record-key.ts';
import type { CertificateBinding } from '../../kinds/tls/certificate-binding.ts';
import type { OwedValue } from '../plan/plan-debts.ts';
import type { LastKnown } from '../plan/plan-repair.ts';
import type { LaterChange } from '../plan/plan-undo.ts';
import type { State, StoredRun } from '../state/state.ts';

/** A closed run with its journal. */
export type RunRecord = Pick<StoredRun, 'journal' | 'outcome'>;

/** Updates what is known with a later run. */
export function noteRun(known: Map<KeyText, CertificateBinding>, { journal, outcome }: RunRecord): void {
  const opened = journal.find((line) => line.type === 'opened');
  if (opened === undefined || outcome === null) return;
  const ends = new Map(outcome.steps.map(({ id, state }) => [id, state]));
  for (const step of opened.plan.steps) {
    const left = leftAs(ends.get(step.id) ?? 'planned', step);
    if (left === undefined) continue;
    if (left === null) known.delete(step.key);
    else if (isTls(left)) known.set(step.key, left.value);
  }
}

/** `undefined`: the run did not change it. */
function leftAs(state: StepState, { before, wanted }: Step): Holder | null | undefined {
  if (isApplied(state)) return wanted;
  switch (state) {
    case 'rolled-back':
      return before;
    case 'planned':
    case 'not-attempted':
      return undefined;
    default:
      return null;
  }
}

/** One run after the other: with ten thousand runs, only one is held in memory at a time. */
export async function lastKnownRecords(state: Pick<State, 'listRuns' | 'readRun'>): Promise<LastKnown> {
  const known = new Map<KeyText, CertificateBinding>();
  for (const { run, summary } of await state.listRuns()) {
    if (summary !== null && summary.steps > 0) noteRun(known, await state.readRun(run));
  }
  return known;
}

/** What the runs after this one set last at each place. A run that cannot be read tells nothing. */
export async function changedAfter(
  state: Pick<State, 'listRuns' | 'readRun'>,
  run: string,
): Promise<ReadonlyMap<KeyText, LaterChange>> {
  const runs = await state.listRuns();
  const found = new Map<KeyText, LaterChange>();
  for (const later of runs.slice(runs.findIndex((one) => one.run === run) + 1)) {
    if (later.summary === null || later.summary.steps === 0) continue;
    const stored = await orNull(() => state.readRun(later.run));
    const done = new Set(stored?.outcome?.steps.flatMap(({ id, state: end }) => (changed(end) ? id : [])));
    const steps = stored?.journal.find((line) => line.type === 'opened')?.plan.steps ?? [];
    for (const { id, key, wanted } of steps) if (done.has(id)) found.set(key, { run: later.run, wanted });
  }
  return found;
}

/** The values behind the debts of a ledger. A run that cannot be read tells none. */
export async function owedValues(
  state: Pick<State, 'readRun'>,
  { pendingRollbacks: debts }: Pick<Ledger, 'pendingRollbacks'>,
): Promise<readonly OwedValue[]> {
  if (debts.length === 0) return [];
  // Loaded late: there is rarely a debt.
  const { foldJournal } = await import('../../documents/runs/step-progress.ts');
  const byRun = [...groupBy(debts, ({ run }) => run)];
  const found = await Promise.all(
    byRun.map(async ([run, ofRun]) => {
      const steps = foldJournal((await orNull(() => state.readRun(run)))?.journal ?? []);
      return ofRun.flatMap((debt): readonly OwedValue[] => {
        const progress = steps.get(debt.step);
        return progress === undefined ? [] : [{ debt, step: progress.step, left: progress.now }];
      });
    }),
  );
  return found.flat();
}
