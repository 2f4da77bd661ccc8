import assert from 'node:assert/strict';
import { ledgerEntries } from '../../../src/engine/views/ledger-entries.ts';
import { each } from '../../support/each.ts';
import { given, rebind, reconcile, stepAt, undo, type World, wideHosts, wideLab, worldOf } from './world.ts';

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

const entryOf = async (world: World, old: string, successor: string) => {
  const pair = given(lab, old, successor);
  const entries = ledgerEntries(await world.state.readLedger());
  return entries.find(({ renewal }) => renewal.old === pair.old && renewal.new === pair.new);
};

describe('an endpoint that a run left on an older certificate', () => {
  it('is that of the next renewal of its holder, and of no earlier one', async () => {
    const world = worldOf(lab);
    await rebind(serving(world, 'old'), [given(lab, 'old', 'new')]);
    assert.deepEqual((await entryOf(world, 'old', 'new'))?.stillOld, [victim]);
    await rebind(world, [given(lab, 'new', 'newest')]);
    assert.deepEqual((await entryOf(world, 'new', 'newest'))?.stillOld, [victim]);
    assert.equal((await entryOf(world, 'old', 'new'))?.stillOld, undefined);
    const again = await reconcile(world);
    assert.deepEqual([again.exitCode, stepAt(again, victim).state, again.steps.length], [5, 'still-old', 1]);
    world.kernel.apply({ kind: 'disarm-faults' });
    const cleared = await reconcile(world);
    assert.deepEqual([cleared.exitCode, stepAt(cleared, victim).state], [0, 'already']);
    assert.deepEqual((await reconcile(world)).steps, []);
  });

  it('is remembered over a next renewal in which it did not answer', async () => {
    const world = worldOf(lab);
    await rebind(serving(world, 'old'), [given(lab, 'old', 'new')]);
    world.kernel.apply({ kind: 'disarm-faults' });
    world.fault({ on: { kind: 'connect', key: victim }, times: null, effect: { do: 'refuse' } });
    const next = await rebind(world, [given(lab, 'new', 'newest')]);
    assert.equal(stepAt(next, victim).state, 'not-verified');
    assert.deepEqual((await entryOf(world, 'old', 'new'))?.stillOld, [victim]);
    const again = await reconcile(serving(world, 'old'));
    assert.deepEqual([again.exitCode, stepAt(again, victim).state], [5, 'still-old']);
  });

  it('is remembered when the same renewal is given once more', async () => {
    const world = worldOf(lab);
    await rebind(serving(world, 'old'), [given(lab, 'old', 'new')]);
    const again = await rebind(world, [given(lab, 'old', 'new')]);
    assert.deepEqual(again.steps, []);
    const entry = await entryOf(world, 'old', 'new');
    assert.deepEqual([entry?.state, entry?.stillOld], ['failed', [victim]]);
  });
});

describe('an endpoint that goes on serving what an undo took back', () => {
  it('is still served, and is looked at until it serves the old certificate', async () => {
    const world = worldOf(lab);
    const { run } = await rebind(world, [given(lab, 'old', 'new')]);
    const undone = await undo(serving(world, 'new'), run);
    const step = stepAt(undone, victim);
    assert.deepEqual([undone.result, undone.exitCode, step.state], ['needs-attention', 5, 'still-served']);
    assert.deepEqual([undone.counts.undone, undone.counts.stillOld], [3, 1]);
    assert.match(step.error?.message ?? '', new RegExp(`still serves ${lab.thumbprint('new')}, although`));
    const entry = await entryOf(world, 'old', 'new');
    assert.deepEqual([entry?.state, entry?.run, entry?.stillOld], ['undone', undone.run, [victim]]);
    const again = await reconcile(world);
    assert.deepEqual([again.exitCode, stepAt(again, victim).state, again.steps.length], [5, 'still-served', 1]);
    assert.deepEqual(await entryOf(world, 'old', 'new'), entry);
    world.kernel.apply({ kind: 'disarm-faults' });
    const cleared = await reconcile(world);
    assert.deepEqual([cleared.exitCode, stepAt(cleared, victim).state], [0, 'already']);
    const { stillOld: _, ...kept } = entry ?? {};
    assert.deepEqual(await entryOf(world, 'old', 'new'), kept);
    assert.deepEqual((await reconcile(world)).steps, []);
  });

  for (const position of ['at-once', 'address-records', 'never'] as const)
    it(`because Windows follows the renewal property (${position}) is told so, and what ends it`, async () => {
      const world = worldOf(lab.switched('wire-follows-renewal', position));
      const { run } = await rebind(world, [given(lab, 'old', 'new')]);
      const outcome = await undo(world, run);
      const { state, error } = stepAt(outcome, '0.0.0.0:443');
      if (position === 'never') assert.deepEqual([outcome.exitCode, state, error], [0, 'verified', null]);
      else {
        assert.deepEqual([outcome.exitCode, state], [5, 'still-served']);
        assert.match(error?.message ?? '', /Windows can follow the renewal property of \w+ to it by itself\.$/);
        assert.match(error?.hint ?? '', /delete it from its store/);
      }
      assert.equal(stepAt(outcome, victim).state, position === 'at-once' ? 'still-served' : 'verified');
    });

  it('is still served at a record that the undo made again', async () => {
    const world = worldOf(lab);
    world.fault({ on: { kind: 'binding-method', key: victim }, effect: { do: 'delete-without-add' } });
    world.fault({ on: { kind: 'netsh', key: victim }, times: null, effect: { do: 'no-effect' } });
    const { run } = await rebind(world, [given(lab, 'old', 'new')]);
    const outcome = await undo(serving(world, 'new'), run);
    assert.equal(stepAt(outcome, victim).state, 'still-served');
  });

  it('is verified once the run has undone the other holder that answers there too', async () => {
    const world = worldOf(lab.switched('endpoint-precedence', 'address-any-name-central'));
    const { run } = await rebind(world, [given(lab, 'old', 'new')]);
    const outcome = await undo(world, run);
    assert.deepEqual([outcome.exitCode, outcome.steps.at(-1)?.key], [0, '0.0.0.0:443']);
    assert.deepEqual(each(outcome.steps, 'state'), ['verified', 'verified', 'verified', 'verified']);
  });

  it('is verified when that undo is undone', async () => {
    const world = worldOf(lab.switched('wire-follows-renewal', 'at-once'));
    const { run } = await rebind(world, [given(lab, 'old', 'new')]);
    const back = await undo(world, run);
    const forth = await undo(world, back.run);
    assert.deepEqual([forth.exitCode, stepAt(forth, victim).state], [0, 'served-successor']);
    assert.equal((await entryOf(world, 'old', 'new'))?.stillOld, undefined);
  });
});
