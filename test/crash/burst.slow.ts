import assert from 'node:assert/strict';
import { ledgerEntries } from '../../src/engine/views/ledger-entries.ts';
import { type Ended, run } from '../cli/run-program.ts';
import { type ManyRenewals, openManyRenewals } from './many-renewals.ts';

/** What the task starts for one event. */
function start({ folder }: ManyRenewals, recordId: number): Promise<Ended> {
  return run(['on-event', '--record', String(recordId)], { env: { CERTREBIND_LAB: folder } });
}

async function checkAllSettled(lab: ManyRenewals, ends: readonly Ended[]): Promise<void> {
  for (const { exitCode, stdout, stderr } of ends) assert.equal(exitCode, 0, stdout + stderr);
  assert.deepEqual(await lab.notRenewed(), []);
  const entries = ledgerEntries(await lab.state.readLedger());
  assert.equal(entries.length, ends.length);
  assert.deepEqual([...new Set(entries.map(({ state }) => state))], ['settled']);
  assert.deepEqual(await lab.state.unfinishedRuns(), []);
}

describe('a burst of renewals (real processes on a served lab)', () => {
  let lab: ManyRenewals;
  afterEach(() => lab.close());

  it('of fifty starts at once, each with its event just before it: all end with 0 and every renewal is settled', async () => {
    const count = 50;
    lab = await openManyRenewals(count);
    const ends = await Promise.all(
      Array.from({ length: count }, async (_, at) => {
        // The last event comes when the winner has listed the others and has changed what they were for.
        if (at === count - 1)
          while ((await lab.state.listRuns()).length === 0) await new Promise((go) => setTimeout(go, 20));
        return start(lab, await lab.renew(at));
      }),
    );
    const asked = await lab.readings();
    await checkAllSettled(lab, ends);
    console.log(`    ${count} starts opened ${asked} sessions at most`);
    assert(asked <= count / 2, `${asked} sessions for ${count} starts`);
  });
});
