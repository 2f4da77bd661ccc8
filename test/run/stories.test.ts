import assert from 'node:assert/strict';
import { given, holdings, rebind, recordsOf, stepAt, undo, wideKeys, wideLab, worldOf } from './world.ts';

const lab = wideLab();
const renewal = given(lab, 'old', 'new');
const all = (label: string) => ({
  ...Object.fromEntries(wideKeys.map((key) => [key, label])),
  '0.0.0.0:8443': 'old',
});
const labels = ['old', 'new', 'other'];

describe('a run', () => {
  it('swaps every record under an IIS binding and nothing else, keeps every option, and proves it', async () => {
    const world = worldOf(lab);
    const before = await recordsOf(world);
    const outcome = await rebind(world, [renewal]);
    assert.equal(outcome.result, 'rebound');
    assert.equal(outcome.exitCode, 0);
    assert.deepEqual(outcome.counts, { changed: 4, already: 0, blocked: 0, skipped: 1, undone: 0, failed: 0 });
    assert.deepEqual(await holdings(world, lab, labels), all('new'));
    for (const [key, record] of await recordsOf(world)) assert.deepEqual(record.options, before.get(key)?.options);
    for (const step of outcome.steps) assert.equal(step.proof, 'proven', step.key);
    assert.deepEqual(world.stages, ['read', 'plan', 'baseline', 'canary', 'prove', 'swap', 'prove', 'close']);
  });
});
