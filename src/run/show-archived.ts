import type { Plan } from '../documents/runs/plan.ts';
import { thumbprintOf } from '../holders/holder.ts';
import type { RunContext } from './context.ts';

/**
 * Shows those certificates again that `retire` archived and this plan sets, since Windows may not bind an archived one
 * (fidelity: archived-bindable). Where that is refused the run goes its way: what is read back afterwards decides.
 */
export async function showArchived({ server, state }: RunContext, { steps }: Plan): Promise<void> {
  const ledger = await state.readLedger();
  const wanted = new Set(steps.map(({ wanted }) => thumbprintOf(wanted)));
  const needed = ledger.retired.filter(({ thumbprint }) => wanted.has(thumbprint));
  if (needed.length === 0) return;
  const reports = await server.change(
    needed.map(({ thumbprint, store }) => ({ do: 'archive-certificate', thumbprint, store, archived: false })),
  );
  const shown = new Set(needed.filter((_, at) => reports[at]?.error === null));
  await state.writeLedger({ ...ledger, retired: ledger.retired.filter((one) => !shown.has(one)) });
}
