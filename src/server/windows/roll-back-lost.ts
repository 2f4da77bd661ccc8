import { asResult, CertRebindError } from '../../base/errors.ts';
import type { Change, ChangeReport } from '../server.ts';
import { addition, type Instructions, type Known } from './change-rows.ts';

export interface Planned {
  readonly change: Change;
  readonly instructions: Instructions;
}

/**
 * If netsh cannot change in place, a refused addition leaves no record; the old one is rolled back at once, in a separate
 * call. If that call cannot be made, the reports stay as read in the first one: it has changed something, and an
 * exception would mean that nothing was changed.
 */
export async function rollBackLost(
  {
    changes,
    reports,
    known,
  }: { readonly changes: readonly Change[]; readonly reports: readonly ChangeReport[]; readonly known: Known },
  carryOut: (planned: readonly Planned[]) => Promise<readonly ChangeReport[]>,
): Promise<readonly ChangeReport[]> {
  const lost = changes.flatMap((change, at) => {
    const before = change.do === 'put' ? known.records.get(change.wanted.key) : undefined;
    const isLost = before?.state === 'holds' && reports[at]?.now?.state === 'absent';
    return isLost ? [{ at, change, instructions: { rows: [addition(before.holder.value, known)] } }] : [];
  });
  if (lost.length === 0) return reports;
  const restored = await asResult(() => carryOut(lost));
  return reports.map((report, at) => {
    const index = lost.findIndex((one) => one.at === at);
    if (index < 0) return report;
    const said = report.error ?? { code: 'refused', message: 'netsh reported success, but the record does not exist' };
    if (restored instanceof CertRebindError) {
      const message = `${said.message}. Restoring the old certificate binding could not be tried: ${restored.message}`;
      return { ...report, error: { ...said, message } };
    }
    return { ...report, now: restored[index]?.now ?? report.now, error: said };
  });
}
