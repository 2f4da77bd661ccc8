import assert from 'node:assert/strict';
import { given, rebind, stepAt, type World, wideHosts, wideLab, worldOf } from './world.ts';

const victim = 'shop.example.com:443';
const lab = wideLab()
  .certificate('newest', { names: wideHosts, notAfter: '2029-01-01T00:00:00Z' })
  .certificate('older', { names: wideHosts, renewedTo: 'old' });

/** The endpoint of the victim goes on serving this certificate, whatever is set. */
function serving(world: World, label: string): World {
  world.kernel.apply({ kind: 'disarm-faults' });
  world.fault({
    on: { kind: 'connect', key: victim },
    times: null,
    effect: { do: 'serve', thumbprint: lab.thumbprint(label) },
  });
  return world;
}

describe('an endpoint that serves a certificate of an earlier renewal', () => {
  for (const [how, label] of [
    ['that a person gave, as the ledger knows', 'old'],
    ['that a renewal property names, before the first run', 'older'],
  ] as const)
    it(`${how}, is still old`, async () => {
      const world = worldOf(lab);
      await rebind(world, [given(lab, 'old', 'new')]);
      const outcome = await rebind(serving(world, label), [given(lab, 'new', 'newest')]);
      const step = stepAt(outcome, victim);
      assert.deepEqual([outcome.exitCode, step.state, step.error?.code], [5, 'still-old', 'still-old']);
      assert.match(step.error?.message ?? '', new RegExp(`still serves ${lab.thumbprint(label)}, although`));
    });

  it('is not still old where the certificate was never replaced', async () => {
    const world = worldOf(lab);
    await rebind(world, [given(lab, 'old', 'new')]);
    const outcome = await rebind(serving(world, 'other'), [given(lab, 'new', 'newest')]);
    assert.notEqual(stepAt(outcome, victim).state, 'still-old');
  });

  it('adds to the plan only what its own renewals do not name', async () => {
    const world = worldOf(lab);
    await rebind(world, [given(lab, 'old', 'new')]);
    const { run } = await rebind(world, [given(lab, 'new', 'newest')]);
    const { journal } = await world.state.readRun(run);
    const [opened] = journal;
    assert(opened?.type === 'opened');
    const replaces = [lab.thumbprint('old'), lab.thumbprint('older')].sort();
    assert.deepEqual(opened.plan.lineage, [{ certificate: lab.thumbprint('newest'), replaces }]);
  });
});
