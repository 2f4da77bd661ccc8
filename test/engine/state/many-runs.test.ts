import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { emptyLedger } from '../../../src/documents/runs/ledger.ts';
import { fileState } from '../../../src/engine/state/file-state.ts';
import { runFolders } from '../../../src/engine/state/run-folders.ts';
import { pathsBelow } from '../../../src/session/safe-state.ts';
import { perform } from '../../security/program.ts';
import { each } from '../../support/each.ts';
import { openedWhile } from '../../support/opened-files.ts';
import { newFolder, temporaryLab } from '../../support/temporary-lab.ts';
import { outcomeOf, plantIndexedRuns, plantRuns } from './planted-runs.ts';

describe('a long history', () => {
  const indexFile = (home: string) => join(home, 'runs', 'index.ndjson');
  const newHistory = async (count: number) => {
    const home = join(newFolder(), 'state');
    const runs = await plantIndexedRuns(home, count);
    return { home, runs, state: fileState(home) };
  };
  const openedRuns = async (work: () => Promise<unknown>) =>
    (await openedWhile(work)).filter((path) => /runs[\\/]\d/.test(path));

  it('is listed without opening a file of a run that the index names', async () => {
    const { state, runs } = await newHistory(200);
    const opened = await openedRuns(async () => {
      const heads = await state.listRuns();
      assert.deepEqual(
        heads.map(({ run, summary }) => [run, summary?.result]),
        runs.map((run) => [run, 'nothing-to-do']),
      );
      assert.deepEqual(await state.unfinishedRuns(), []);
      await state.pruneRuns(200);
      await state.removeTemporaryFiles(new Date());
    });
    assert.deepEqual(opened, []);
  });

  it('is gone through run by run, as where a lost ledger is made again, without a look at all names for each', async () => {
    const { home, runs, state } = await newHistory(50);
    const opened = await openedWhile(async () => {
      for (const { run } of await state.listRuns()) assert.equal((await state.readRun(run)).outcome?.run, run);
    });
    assert.equal(opened.filter((path) => path === join(home, 'runs')).length, 1);
    assert.equal(opened.filter((path) => path.endsWith('outcome.json')).length, runs.length);
  });

  it('that was never listed is pruned before it is read, and only what is kept is', async () => {
    const home = join(newFolder(), 'state');
    const runs = plantRuns(home, 200);
    const state = fileState(home);
    const opened = await openedRuns(() => state.pruneRuns(5));
    assert.deepEqual(
      opened.filter((path) => path.endsWith('outcome.json')),
      runs.slice(-5).map((run) => join(home, 'runs', run, 'outcome.json')),
    );
    assert.deepEqual(each(await state.listRuns(), 'run'), runs.slice(-5));
  });

  it('holds a run as closed whose outcome is gone, names it as damaged, and does not recover it', async () => {
    const { home, runs, state } = await newHistory(3);
    rmSync(join(home, 'runs', runs[1] ?? '', 'outcome.json'));
    assert.deepEqual(await state.unfinishedRuns(), []);
    const damaged = (await state.listRuns()).flatMap(({ run, unreadable }) =>
      unreadable === null ? [] : [[run, unreadable.code, unreadable.message, unreadable.hint]],
    );
    const message = `${join(home, 'runs', runs[1] ?? '', 'outcome.json')} is missing, although its run had finished.`;
    const hint =
      'Other runs are not affected. Restore the file from a backup, or delete the folder of the run to remove it from the history.';
    assert.deepEqual(damaged, [[runs[1], 'damaged-file', message, hint]]);
  });

  it('is told by the outcome where that was changed after the index was written', async () => {
    const { home, runs, state } = await newHistory(2);
    const [run = ''] = runs;
    const file = join(home, 'runs', run, 'outcome.json');
    const { atime, mtime } = statSync(file);
    writeFileSync(file, JSON.stringify({ ...outcomeOf(run), result: 'undone' }));
    // Its length tells too, where a clock does not.
    utimesSync(file, atime, mtime);
    const results = async () => (await state.listRuns()).map(({ summary }) => summary?.result);
    assert.deepEqual(await results(), ['undone', 'nothing-to-do']);
    // And a clock, where its length does not.
    writeFileSync(file, readFileSync(file, 'utf8').replace('"undone"', '"partly-undone"'));
    assert.deepEqual(await results(), ['partly-undone', 'nothing-to-do']);
  });

  for (const [what, spoil] of [
    ['is gone', (file: string) => rmSync(file)],
    ['is empty', (file: string) => writeFileSync(file, '')],
    ['is no text', (file: string) => writeFileSync(file, Buffer.alloc(5000, 0xff))],
    ['ends in half a line', (file: string) => writeFileSync(file, readFileSync(file).subarray(0, -30))],
    [
      'names runs that are not there',
      (file: string) => appendFileSync(file, readFileSync(file, 'utf8').replaceAll('20200101', '20190101')),
    ],
  ] as const)
    it(`is the same when its index ${what}, and the next run mends it`, async () => {
      const { home, runs, state } = await newHistory(4);
      spoil(indexFile(home));
      assert.deepEqual(
        (await state.listRuns()).map(({ run, summary }) => [run, summary?.result]),
        runs.map((run) => [run, 'nothing-to-do']),
      );
      assert.deepEqual(await state.unfinishedRuns(), []);
      const journal = await state.openRun('20200102-1');
      await journal.close(outcomeOf('20200102-1'));
      await state.pruneRuns(50);
      assert.deepEqual(await openedRuns(() => state.listRuns()), []);
      assert.equal((await state.listRuns()).length, 5);
    });

  for (const [dead, isLeftOut] of [
    [100, false],
    [101, true],
  ] as const)
    it(`${isLeftOut ? 'leaves' : 'does not leave'} ${dead} runs that are gone out of its index`, async () => {
      const { home, state } = await newHistory(3);
      const known = readFileSync(indexFile(home), 'utf8')
        .split('\n')
        .filter((line) => line !== '');
      const gone = Array.from({ length: dead }, (_, at) => known[0]?.replaceAll('20200101', `1999${at}`));
      writeFileSync(indexFile(home), `${[...gone, ...known].join('\n')}\n`);
      await state.pruneRuns(3);
      const left = readFileSync(indexFile(home), 'utf8')
        .split('\n')
        .filter((line) => line !== '');
      assert.deepEqual(left, isLeftOut ? known : [...gone, ...known]);
    });

  it('leaves a folder alone that stands in the place of its index', async () => {
    const { home, runs, state } = await newHistory(2);
    rmSync(indexFile(home));
    mkdirSync(indexFile(home));
    await (await state.openRun('20200102-1')).close(outcomeOf('20200102-1'));
    assert.deepEqual(each(await state.listRuns(), 'run'), [...runs, '20200102-1']);
  });

  it('tells runs that are closed from what else is not in its index', async () => {
    const { home } = await newHistory(1);
    const [closed = ''] = plantRuns(home, 1, 7);
    await (await fileState(home).openRun('20200103-begun')).abandon();
    mkdirSync(join(home, 'runs', 'no run at all'));
    assert.deepEqual(await runFolders(join(home, 'runs')).notInIndex(), {
      closed: [closed],
      others: ['20200103-begun', 'no run at all', 'order.txt'],
    });
  });

  it('is not walked through by every look at the rights of the state folder; a run that is not in the index is', async () => {
    const { home, runs } = await newHistory(100);
    const [stranger = ''] = plantRuns(join(home, '..', 'other'), 1);
    assert.ok(runs.includes(stranger));
    mkdirSync(join(home, 'runs', '20210101-begun'));
    writeFileSync(join(home, 'runs', '20210101-begun', 'journal.ndjson'), '');
    const paths = await pathsBelow(home);
    assert.ok(paths.includes(join(home, 'runs', '20210101-begun', 'journal.ndjson')));
    assert.ok(paths.includes(indexFile(home)));
    assert.ok(paths.length < 10, paths.join('\n'));
  });

  it('keeps a folder in which something else lies, and goes through nothing below it', async () => {
    const { home, runs, state } = await newHistory(2);
    const [run = ''] = runs;
    mkdirSync(join(home, 'runs', run, 'theirs'));
    writeFileSync(join(home, 'runs', run, 'theirs', 'precious.txt'), '');
    await state.pruneRuns(1);
    assert.ok(existsSync(join(home, 'runs', run, 'theirs', 'precious.txt')));
    assert.deepEqual(await state.unfinishedRuns(), []);
  });

  describe('on a server', () => {
    let lab: Awaited<ReturnType<typeof temporaryLab>>;
    beforeEach(async () => {
      lab = await temporaryLab({ sites: 1 });
    });
    afterEach(() => lab.remove());

    for (const words of [['reconcile'], ['status'], ['doctor'], ['history'], ['undo', '--dry-run']])
      it(`makes ${words.join(' ')} open no more files`, async () => {
        const home = join(lab.folder, 'certrebind');
        mkdirSync(home, { mode: 0o700 });
        const call = () => openedWhile(() => perform([...words, '--lab', lab.folder, '--json']));
        const countAfter = async (count: number, from: number) => {
          plantRuns(home, count, from);
          await fileState(home).pruneRuns(10_000);
          // Not the modules that the first call loads.
          return (await call()).filter((path) => path.startsWith(lab.folder)).length;
        };
        const config = '{"schema": "certrebind/configuration/1", "keepRuns": 10000}';
        writeFileSync(join(home, 'config.json'), config, { mode: 0o600 });
        await fileState(home).writeLedger(emptyLedger);
        // The first look tells what is wrong.
        await call();
        const few = await countAfter(3, 0);
        assert.ok(few > 0);
        assert.equal(await countAfter(150, 3), few);
        assert.equal(readdirSync(join(home, 'runs')).length, 154, 'the runs and their index');
      });

    it('lets undo take no run that others could have changed since', async function () {
      if (process.platform === 'win32') this.skip();
      const home = join(lab.folder, 'certrebind');
      mkdirSync(home, { mode: 0o700 });
      const [run = ''] = plantRuns(home, 2);
      await fileState(home).pruneRuns(2);
      chmodSync(join(home, 'runs', run, 'journal.ndjson'), 0o666);
      const { exitCode, document } = await perform(['undo', run, '--lab', lab.folder, '--json']);
      assert.deepEqual([exitCode, document.error.code], [7, 'unsafe-folder']);
      assert.equal(document.error.where, join(home, 'runs', run, 'journal.ndjson'));
    });
  });
});
