import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runJson } from '../cli/run-program.ts';

const fixtures = join(import.meta.dirname, '../fixtures');

/**
 * A lab as 0.1.0 left it: enabled, one renewal rebound by its task on four records, and a second run killed after its
 * canary, in the middle of a line of its journal.
 */
describe('a state folder that 0.1.0 wrote', () => {
  let root = '';
  let lab = '';
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'crb-'));
    lab = join(root, 'lab');
    await cp(join(fixtures, 'lab-0.1.0'), lab, { recursive: true });
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const certrebind = (...words: readonly string[]) => runJson([...words, '--lab', lab, '--yes']);
  const done = async (...words: readonly string[]) => {
    const { exitCode, document, stderr } = await certrebind(...words);
    assert.equal(exitCode, 0, `${words.join(' ')}: ${JSON.stringify(document)} ${stderr}`);
    return document;
  };
  async function held(): Promise<readonly string[]> {
    const file = join(root, 'snapshot.json');
    await done('capture', file);
    const { records } = JSON.parse(await readFile(file, 'utf8'));
    return records.map(({ thumbprint }: { thumbprint: string }) => thumbprint.slice(0, 4)).sort();
  }

  it('shows its runs, and the one that is unfinished', async () => {
    const { runs } = await done('history');
    assert.equal(runs.length, 1);
    assert.deepEqual([runs[0].result, runs[0].counts.changed, runs[0].counts.unproven], ['rebound', 4, 0]);
    const outcome = await done('history', runs[0].run);
    assert.equal(outcome.schema, 'certrebind/outcome/2');
    assert.deepEqual(
      outcome.steps.map(({ state }: { state: string }) => state),
      ['proven', 'proven', 'proven', 'proven'],
    );
    const { journal } = await done('history', runs[0].run, '--timeline');
    assert.deepEqual([journal[0].schema, journal[0].plan.purpose], ['certrebind/journal/2', 'rebind']);
    const { document } = await certrebind('status', '--check');
    assert.ok(document.findings.some(({ code }: { code: string }) => code === 'unfinished-run'));
  });

  it('has its killed run recovered, its old runs undone one after another, and is disabled', async () => {
    assert.deepEqual(await held(), ['0FC7', '0FC7', '0FC7', 'C868']);
    const rest = await done('reconcile');
    assert.deepEqual([rest.notes[0].code, rest.result, rest.counts.changed], ['recovered', 'rebound', 3]);
    assert.deepEqual(await held(), Array(4).fill('C868'));
    const { runs } = await done('history');
    const [first, killed, last] = runs.map(({ run }: { run: string }) => run);
    assert.equal(last, rest.run);
    for (const [run, changed] of [
      [last, 3],
      [killed, 1],
      [first, 4],
    ] as const) {
      const undone = await done('undo', run);
      assert.deepEqual([undone.result, undone.counts.changed], ['undone', changed]);
    }
    assert.deepEqual(await held(), Array(4).fill('6443'));
    assert.equal((await done('disable')).enabled, false);
  });

  it('has its plan files refused by name', async () => {
    const { exitCode, document } = await certrebind('apply', join(fixtures, 'plan-0.1.0.json'));
    assert.deepEqual([exitCode, document.error.code], [2, 'earlier-schema']);
    assert.match(document.error.message, /plan-0\.1\.0\.json is a plan of version 1/);
    assert.match(document.error.hint, /certrebind plan --out/);
  });
});
