import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import { fileState } from '../../../src/engine/state/file-state.ts';
import {
  inOrder,
  orderName,
  orderRuns,
  runTime,
  trimOrder,
  whyUnclear,
} from '../../../src/engine/state/run-folders.ts';
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
    const lost = '20260601-123000000-dddd';
    mkdirSync(join(runsFolder, lost));
    await state.pruneRuns(2);
    assert.equal(readFileSync(file, 'utf8'), `${now}\n${later}\n`);
    assert.deepEqual(await listed(state), [now, lost, later]);
  });

  it('keeps a hundred lines that no longer count', async () => {
    const { state, runsFolder } = await stateWith(ahead, now);
    const file = join(runsFolder, orderName);
    const lines = (dead: number) => [...Array.from({ length: dead }, (_, index) => `gone-${index}`), ahead, now, ''];
    // With the one that is being removed.
    writeFileSync(file, lines(99).join('\n'));
    await state.pruneRuns(1);
    assert.equal(readFileSync(file, 'utf8'), lines(99).join('\n'));
    writeFileSync(file, lines(100).join('\n'));
    await trimOrder(runsFolder, [now]);
    assert.equal(readFileSync(file, 'utf8'), `${now}\n`);
  });

  it('is no run itself', async () => {
    const { runsFolder } = await stateWith(now);
    assert.ok(existsSync(join(runsFolder, orderName)));
    assert.deepEqual(await inOrder(runsFolder, [now]), [now]);
  });
});

/** Runs by the minute in their names. */
const run = (minute: number) => `20260601-12${String(minute).padStart(2, '0')}00000-aaaa`;
const runs = (...minutes: readonly number[]) => minutes.map(run);
const halfPast = new Date('2026-06-01T12:30:00Z');

describe('a damaged order of runs', () => {
  const back = 'stands after';
  const future = 'is in the future';
  for (const [damage, lines, folders, ordered, unclear] of [
    ['nothing', [1, 2, 3], [1, 2, 3], [1, 2, 3], null],
    ['nothing, where a clock was set back', [9, 2, 3], [2, 3, 9], [9, 2, 3], null],
    ['nothing, where a clock is still ahead', [2, 59, 3], [2, 3, 59], [2, 59, 3], null],
    ['a line whose folder was not made any more', [1, 2, 3], [1, 2], [1, 2], null],
    ['folders that a person removed', [9, 2, 3, 4], [9, 3], [9, 3], null],
    ['the second half is cut off', [1, 2], [1, 2, 3, 4], [1, 2, 3, 4], null],
    ['the first half is cut off', [3, 4], [1, 2, 3, 4], [1, 2, 3, 4], null],
    ['lines lack in between', [1, 4], [1, 2, 3, 4], [1, 2, 3, 4], null],
    ['no line is left', [], [3, 1, 2], [1, 2, 3], null],
    ['a run was begun after all lines were lost', [4], [1, 2, 3, 4], [1, 2, 3, 4], null],
    ['a line is there twice', [1, 2, 2, 3], [1, 2, 3], [1, 2, 3], null],
    ['a line stands a second time further down', [1, 2, 3, 1], [1, 2, 3], [2, 3, 1], back],
    ['all of it is there twice', [1, 2, 3, 1, 2, 3], [1, 2, 3], [1, 2, 3], back],
    ['cut off, where a clock was set back', [9, 2], [2, 3, 9], [9, 2, 3], back],
    ['lines lack, where a clock was set back', [9, 2, 4], [2, 3, 4, 9], [9, 2, 3, 4], back],
    ['the first lines lack, where a clock was set back', [9, 2, 4], [1, 2, 4, 9], [1, 9, 2, 4], back],
    ['the line of a clock that is still ahead lacks', [1, 2], [1, 2, 59], [1, 2, 59], future],
    ['no line is left, and a clock is still ahead', [], [1, 2, 59], [1, 2, 59], future],
    ['cut off behind a clock that is still ahead', [59], [1, 2, 59], [1, 2, 59], future],
  ] as const)
    it(`${damage}: ${unclear === null ? 'the newest is known' : `${unclear}, so the newest is not known`}`, () => {
      const found = whyUnclear(runs(...lines), runs(...folders), halfPast);
      assert.deepEqual(orderRuns(runs(...lines), runs(...folders)), runs(...ordered));
      if (unclear === null) assert.equal(found, null);
      else assert.ok(found?.includes(unclear), String(found));
    });

  it('says what lacks, and what keeps times from making up for it', () => {
    assert.equal(
      whyUnclear(runs(9, 2), runs(9, 2, 3), halfPast),
      `It has 2 of the 3 runs, and ${run(2)} stands after ${run(9)}, whose time is later.`,
    );
    assert.equal(
      whyUnclear(runs(1, 2, 1), runs(1, 2), halfPast),
      `It has 3 lines for 2 runs, and ${run(1)} stands after ${run(2)}, whose time is later.`,
    );
  });

  it('is none for rubbish beside whole lines, or for a folder that is no run', () => {
    const lines = ['\0\0\0', run(9), run(2).slice(0, 9), run(2), '../x'];
    assert.equal(whyUnclear(lines, [...runs(2, 9), 'backup'], halfPast), null);
    assert.deepEqual(orderRuns(lines, runs(2, 9)), runs(9, 2));
  });

  it('is none for two runs of the same millisecond', () => {
    const [first, second] = [`${run(1).slice(0, 18)}-ffff`, `${run(1).slice(0, 18)}-0000`];
    assert.equal(whyUnclear([first, second], [first, second, run(2)], halfPast), null);
  });

  it('is still seen after removed runs were forgotten', async () => {
    const runsFolder = newFolder();
    const gone = Array.from({ length: 200 }, (_, index) => `gone-${index}`);
    writeFileSync(join(runsFolder, orderName), [...gone, ...runs(1, 2, 1), ''].join('\n'));
    await trimOrder(runsFolder, runs(1, 2));
    assert.deepEqual(readFileSync(join(runsFolder, orderName), 'utf8').split('\n'), [...runs(1, 2, 1), '']);
  });

  it('compares times as names have them', () => assert.equal(`${runTime(halfPast)}-aaaa`, run(30)));
});
