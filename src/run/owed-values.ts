import type { Ledger } from '../documents/runs/ledger.ts';
import type { OwedValue } from '../plan/plan-debts.ts';
import type { State } from '../state/state.ts';
import { CertRebindError, orError } from '../text/errors.ts';
import { groupBy } from '../text/group.ts';

/** The values behind the debts of a ledger. A run that cannot be read tells none. */
export async function owedValues(
  state: Pick<State, 'readRun'>,
  { debts }: Pick<Ledger, 'debts'>,
): Promise<readonly OwedValue[]> {
  if (debts.length === 0) return [];
  // Loaded late: there is rarely a debt.
  const { foldJournal } = await import('../documents/runs/step-progress.ts');
  const byRun = [...groupBy(debts, ({ run }) => run)];
  const found = await Promise.all(
    byRun.map(async ([run, ofRun]) => {
      const stored = await orError(() => state.readRun(run));
      if (stored instanceof CertRebindError) return [];
      const steps = foldJournal(stored.journal);
      return ofRun.flatMap((debt): readonly OwedValue[] => {
        const progress = steps.get(debt.step);
        return progress === undefined ? [] : [{ debt, step: progress.step, left: progress.now }];
      });
    }),
  );
  return found.flat();
}
