import assert from 'node:assert/strict';
import { stub } from 'sinon';
import { ledgerEntries } from '../../../src/engine/views/ledger-entries.ts';
import { memoryState } from './memory-state.ts';
import { given, holdings, rebind, wideKeys, wideLab, worldOf } from './world.ts';

const lab = wideLab();
const renewal = given(lab, 'old', 'new');
const labels = ['old', 'new'];
const noSpace = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

/** What the records under IIS bindings hold; the one on port 8443 is of another product. */
const all = (label: string) => ({ ...Object.fromEntries(wideKeys.map((key) => [key, label])), '0.0.0.0:8443': 'old' });

describe('a state folder that fails', () => {
  it('before the journal is there: nothing is changed', async () => {
    const state = memoryState();
    const world = worldOf(lab, { state });
    stub(state, 'openRun').rejects(noSpace);
    await assert.rejects(rebind(world, [renewal]), noSpace);
    assert.equal(world.kernel.state.counters.writes, 0);
    assert.deepEqual(await holdings(world, lab, labels), all('old'));
  });

  it('when the run is to be remembered: it stays unfinished, and the next one brings it to its end', async () => {
    const state = memoryState();
    const world = worldOf(lab, { state });
    const writeLedger = stub(state, 'writeLedger').callThrough();
    writeLedger.onFirstCall().rejects(noSpace);
    await assert.rejects(rebind(world, [renewal]), noSpace);
    assert.deepEqual(await holdings(world, lab, labels), all('new'));
    const [run = ''] = await state.unfinishedRuns();
    const changes = () => world.kernel.state.counters.writes - world.kernel.state.applicationLog.entries.length;
    const made = changes();

    await rebind(world, [renewal]);

    assert.deepEqual(await state.unfinishedRuns(), []);
    assert.equal((await state.readRun(run)).outcome?.result, 'rebound');
    assert.equal(ledgerEntries(await state.readLedger())[0]?.state, 'settled');
    assert.equal(changes(), made, 'nothing but entries of the event log');
    assert.ok(writeLedger.callCount >= 2);
  });
});
