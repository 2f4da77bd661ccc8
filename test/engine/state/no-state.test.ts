import assert from 'node:assert/strict';
import { emptyLedger } from '../../../src/documents/runs/ledger.ts';
import { noState } from '../../../src/engine/state/file-state.ts';

describe('a captured server', () => {
  const state = noState();

  it('has nothing that is remembered', async () => {
    const found = [
      await state.readLedger(),
      await state.ledgerDamage(),
      await state.listRuns(),
      await state.unclearOrder(new Date(0)),
      await state.unfinishedRuns(),
      await state.readOutcome('run-1'),
      await state.readLastError(),
    ];
    assert.deepEqual(found, [emptyLedger, null, [], null, [], null, null]);
    await assert.rejects(state.readRun('run-1'), { code: 'no-such-run', message: /run-1: a captured server/ });
  });

  it('refuses all that would be remembered, but how a command ended', async () => {
    const now = new Date(0);
    for (const work of [
      () => state.lock({ wait: false, signal: new AbortController().signal }),
      () => state.writeLedger(emptyLedger),
      () => state.replaceLedger(emptyLedger, now),
      () => state.openRun('run-1'),
      () => state.reopenRun('run-1'),
      () => state.discardRun('run-1'),
      () => state.pruneRuns(1),
      () => state.removeTemporaryFiles(now),
    ])
      await assert.rejects(work, { code: 'read-only-server' }, `${work}`);
    await state.writeLastError(null);
  });
});
