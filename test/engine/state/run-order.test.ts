import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import { fileState } from '../../../src/engine/state/file-state.ts';
import { inOrder, orderName, trimOrder } from '../../../src/engine/state/run-folders.ts';
import { policy, snapshot } from '../../builders/snapshot.ts';
import { newFolder } from '../../support/temporary-lab.ts';
import { outcomeOf } from '../plan/outcomes.ts';

describe('the order of runs', () => {
  const ahead = '20380119-031407000-aaaa';
  const now = '20260601-120000000-bbbb';
  const later = '20260601-130000000-cccc';
  const plan = planRebind({ snapshot: snapshot(), renewals: [], configuration: policy() });

  /** Runs that were begun in this order, and closed. */
  async function stateWith(...runs: readonly string[]) {
    const folder = newFolder();
    const state = fileState(folder);
    for (const run of runs) {
      const journal = await state.openRun(run);
      await journal.close({ ...outcomeOf(plan, []), run });
    }
    return { state, runsFolder: join(folder, 'runs') };
  }
  const listed = async (state: ReturnType<typeof fileState>) => (await state.listRuns()).map(({ run }) => run);

  it('is that in which they were begun, whatever their clocks said', async () => {
    const { state } = await stateWith(ahead, now, later);
    assert.deepEqual(await listed(state), [ahead, now, later]);
  });

  it('lets the oldest go first when they are pruned, and never the last for its clock', async () => {
    const { state } = await stateWith(ahead, later, now);
    await state.pruneRuns(1);
    assert.deepEqual(await listed(state), [now]);
  });

  it('holds for unfinished runs too', async () => {
    const { state } = await stateWith();
    for (const run of [ahead, now]) await (await state.openRun(run)).abandon();
    assert.deepEqual(await state.unfinishedRuns(), [ahead, now]);
  });

  it('has those of an earlier version first, by their names', async () => {
    const { state, runsFolder } = await stateWith(now);
    for (const run of [later, ahead]) mkdirSync(join(runsFolder, run));
    assert.deepEqual(await listed(state), [later, ahead, now]);
  });

  it('is that of the names where there is none, in whatever order a disk lists them', async () => {
    assert.deepEqual(await inOrder(newFolder(), [later, ahead, now]), [now, later, ahead]);
  });

  it('is that of the names where it was lost', async () => {
    const { state, runsFolder } = await stateWith(ahead, now);
    rmSync(join(runsFolder, orderName));
    assert.deepEqual(await listed(state), [now, ahead]);
  });

  it('survives half a line that a killed process left', async () => {
    const { state, runsFolder } = await stateWith(ahead, now);
    appendFileSync(join(runsFolder, orderName), later.slice(0, 9));
    await (await state.openRun(later)).abandon();
    assert.deepEqual(await listed(state), [ahead, now, later]);
  });

  it('forgets runs that are gone once they are many', async () => {
    const { state, runsFolder } = await stateWith(ahead, now, later);
    const file = join(runsFolder, orderName);
    const gone = Array.from({ length: 200 }, (_, index) => `gone-${index}`);
    writeFileSync(file, [...gone, ahead, now, later, ''].join('\n'));
    mkdirSync(join(runsFolder, 'earlier'));
    await state.pruneRuns(2);
    assert.equal(readFileSync(file, 'utf8'), `${now}\n${later}\n`);
    assert.deepEqual(await listed(state), ['earlier', now, later]);
  });

  it('keeps a hundred lines that no longer count', async () => {
    const { state, runsFolder } = await stateWith(ahead, now);
    const file = join(runsFolder, orderName);
    const lines = (dead: number) => [...Array.from({ length: dead }, (_, index) => `gone-${index}`), ahead, now, ''];
    // With the one that is being removed, and what is behind the last line end.
    writeFileSync(file, lines(98).join('\n'));
    await state.pruneRuns(1);
    assert.equal(readFileSync(file, 'utf8'), lines(98).join('\n'));
    writeFileSync(file, lines(99).join('\n'));
    await trimOrder(runsFolder, [now]);
    assert.equal(readFileSync(file, 'utf8'), `${now}\n`);
  });

  it('is no run itself', async () => {
    const { runsFolder } = await stateWith(now);
    assert.ok(existsSync(join(runsFolder, orderName)));
    assert.deepEqual(await inOrder(runsFolder, [now]), [now]);
  });
});
