import { CertRebindError } from '../../base/errors.ts';
import { emptyLedger } from '../../documents/runs/ledger.ts';
import type { State } from './state.ts';

/** The state of a server that is only read (a capture): nothing is remembered, and nothing can be run. */
export function noState(): State {
  const refuse = async (): Promise<never> => {
    throw new CertRebindError('read-only-server', { message: 'A captured server has no state and cannot be changed.' });
  };
  return {
    folder: '',
    lock: refuse,
    assertSafe: async () => {},
    assertSafeRun: async () => {},
    readLedger: async () => emptyLedger,
    writeLedger: refuse,
    writeLooked: refuse,
    ledgerDamage: async () => null,
    replaceLedger: refuse,
    listRuns: async () => [],
    unfinishedRuns: async () => [],
    readRun: async (run) => {
      throw new CertRebindError('no-such-run', {
        message: `There is no run ${run}: a captured server has no history.`,
      });
    },
    readOutcome: async () => null,
    openRun: refuse,
    reopenRun: refuse,
    discardRun: refuse,
    pruneRuns: refuse,
    sweep: refuse,
    readLastError: async () => null,
    writeLastError: async () => {},
  };
}
