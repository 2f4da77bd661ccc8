import { emptyLedger, type Ledger, withEntries } from '../documents/runs/ledger.ts';
import type { Note } from '../documents/runs/plan.ts';
import type { State } from '../state/state.ts';
import type { RunContext } from './context.ts';
import { debtsAfterRun, entriesOfRun } from './ledger-of.ts';

/**
 * Replaces a damaged or missing ledger with one made from the history: with an empty one, the next task would apply again what a
 * person has undone. Call it under the lock.
 */
export async function mendLedger({ state, clock }: RunContext): Promise<readonly Note[]> {
  const damage = await state.ledgerDamage();
  if (damage === null) return [];
  const kept = await state.replaceLedger(await ledgerOfRuns(state), clock.now());
  const text =
    `${damage.message}${kept === null ? '' : ` It is kept as ${kept}.`} CertRebind made a new one from the history. ` +
    'A renewal that an older run rolled back may be tried again.';
  return [{ code: 'ledger-mended', text }];
}

async function ledgerOfRuns(state: State): Promise<Ledger> {
  let ledger = emptyLedger;
  for (const { run, summary } of await state.listRuns()) {
    if (summary === null) continue;
    const { journal, outcome } = await state.readRun(run);
    const opened = journal.find((line) => line.type === 'opened');
    if (opened === undefined || outcome === null) continue;
    const at = new Date(Date.parse(outcome.startedAt) + outcome.durationMs).toISOString();
    const { plan } = opened;
    const debts = debtsAfterRun(ledger, plan, outcome.steps, { run, at });
    ledger = { ...withEntries(ledger, entriesOfRun(ledger, plan, outcome.steps, { run, at }, null), null), debts };
  }
  return ledger;
}
