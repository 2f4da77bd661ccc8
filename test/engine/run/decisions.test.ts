import assert from 'node:assert/strict';
import { keepsOld } from '../../../src/documents/runs/ledger.ts';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import type { KeyText } from '../../../src/kinds/record-key.ts';
import type { Server } from '../../../src/server/server.ts';
import { restoreOf } from '../../builders/changes.ts';
import { labState } from '../../builders/lab.ts';
import { replacementEvent } from '../../builders/replacement-event.ts';
import { https, sni } from '../../builders/snapshot.ts';
import { each } from '../../support/each.ts';
import { factsOf } from '../findings/facts.ts';
import {
  given,
  holdings,
  keyText,
  rebind,
  reconcile,
  reconcileNow,
  recordsOf,
  undo,
  type World,
  worldOf,
} from './world.ts';

const names = ['shop.example.com', 'www.example.com'];
const [any, shop, www] = ['0.0.0.0:443', 'shop.example.com:443', 'www.example.com:443'].map(keyText) as [
  KeyText,
  KeyText,
  KeyText,
];
const labels = ['old', 'new', 'newer', 'newest'];
const lab = labState()
  .certificate('newest', { names, notAfter: '2030-01-01T00:00:00Z' })
  .certificate('newer', { names, notAfter: '2029-01-01T00:00:00Z' })
  .certificate('new', { names, notAfter: '2028-01-01T00:00:00Z' })
  .certificate('old', { names })
  .site('Shop', [https('*:443:'), ...names.map(sni)])
  .record(any, 'old')
  .record(shop, 'old')
  .record(www, 'old');

const held = (world: World) => holdings(world, lab, labels);
const announce = (world: World, old: string, successor: string) =>
  void world.kernel.apply(replacementEvent(lab.thumbprint(old), lab.thumbprint(successor)));
const all = (label: string) => ({ [any]: label, [shop]: label, [www]: label });

async function setByOthers(world: World, key: KeyText, label: string): Promise<void> {
  const record = (await recordsOf(world)).get(key) ?? assert.fail(key);
  await world.context.server.change([restoreOf({ ...record, thumbprint: lab.thumbprint(label) })]);
}

async function findingsOf(world: World) {
  const { context, state } = world;
  return lookAt(factsOf(await context.server.snapshot(), { ledger: await state.readLedger() })).every;
}

/** A server on which a renewal was announced and applied everywhere. */
async function renewed(): Promise<World> {
  const world = worldOf(lab);
  announce(world, 'old', 'new');
  assert.equal((await reconcile(world)).result, 'rebound');
  return world;
}

describe('what a person undid', () => {
  it('holds at that place alone, until the next renewal', async () => {
    const world = await renewed();
    await setByOthers(world, shop, 'old');
    const { run } = await reconcileNow(world);
    const outcome = await undo(world, run);
    assert.ok(outcome.notes.some(({ code, text }) => code === 'keeps-old' && text.includes('until the next renewal')));
    await setByOthers(world, www, 'old');
    const again = await reconcileNow(world);
    assert.deepEqual(each(again.steps, 'key'), [www]);
    assert.deepEqual(await held(world), { ...all('new'), [shop]: 'old' });
    const [found, ...others] = (await findingsOf(world)).filter(({ renewal }) => renewal !== null);
    assert.deepEqual([found?.code, found?.keys, others], ['renewal-rolled-back', [shop], []]);
    assert.match(found?.message ?? '', /was taken back by run .*, until the next renewal\.$/);
    announce(world, 'new', 'newer');
    await reconcile(world);
    assert.deepEqual(await held(world), all('newer'));
    assert.equal((await reconcile(world)).result, 'nothing-to-do');
    assert.deepEqual((await world.state.readLedger()).decisions.filter(keepsOld), []);
  });

  it('ends where a newer event announces the pair', async () => {
    const world = await renewed();
    const [run] = await world.state.listRuns();
    await undo(world, run?.run ?? '');
    assert.equal((await reconcile(world)).result, 'nothing-to-do');
    assert.deepEqual(await held(world), all('old'));
    world.later(1000);
    announce(world, 'old', 'new');
    world.later(1000);
    await reconcile(world);
    assert.deepEqual(await held(world), all('new'));
  });

  it('of an older run keeps the newest from coming back by itself', async () => {
    const world = await renewed();
    const [first] = await world.state.listRuns();
    announce(world, 'new', 'newer');
    await reconcile(world);
    assert.deepEqual(await held(world), all('newer'));
    await undo(world, first?.run ?? '', { force: true });
    assert.deepEqual(await held(world), all('old'));
    assert.equal((await reconcile(world)).result, 'nothing-to-do');
    assert.deepEqual(await held(world), all('old'));
    announce(world, 'newer', 'newest');
    await reconcile(world);
    assert.deepEqual(await held(world), all('newest'));
  });
});

describe('a person who gives the two the other way round', () => {
  it('decides nothing where nothing uses the new one, and is told what that means', async () => {
    const world = worldOf(lab);
    announce(world, 'old', 'new');
    const { result, notes } = await rebind(world, [given(lab, 'new', 'old')]);
    const [swapped] = notes.filter(({ code }) => code === 'goes-back');
    assert.equal(result, 'nothing-to-do');
    assert.equal(swapped?.command, `certrebind rebind --old ${lab.thumbprint('old')} --new ${lab.thumbprint('new')}`);
    const { renewals, decisions } = await world.state.readLedger();
    assert.deepEqual([renewals, decisions], [[], []]);
    await reconcile(world);
    assert.deepEqual(await held(world), all('new'));
  });

  it('goes back at the places that use it, until a person applies it again', async () => {
    const world = await renewed();
    await setByOthers(world, www, 'old');
    const outcome = await rebind(world, [given(lab, 'new', 'old')]);
    assert.deepEqual(each(outcome.steps, 'key'), [any, shop]);
    assert.deepEqual(each((await reconcileNow(world)).steps, 'key'), [www]);
    assert.deepEqual(await held(world), { ...all('old'), [www]: 'new' });
    await rebind(world, [given(lab, 'old', 'new')]);
    assert.deepEqual(await held(world), all('new'));
    await setByOthers(world, any, 'old');
    await reconcileNow(world);
    assert.deepEqual(await held(world), all('new'));
  });
});

describe('a run that was killed', () => {
  const killed = new Error('killed');

  /** From now on the program dies while this place has no record, as often as it gives it the new certificate. */
  function dyingAt(world: World, victim: KeyText): World {
    const { server } = world.context;
    const change: Server['change'] = async (changes) => {
      const isFatal = changes.some(
        (one) => 'wanted' in one && one.wanted?.key === victim && one.wanted.value.thumbprint === lab.thumbprint('new'),
      );
      if (!isFatal) return server.change(changes);
      world.kernel.apply({ kind: 'netsh', args: ['http', 'delete', 'sslcert', `hostnameport=${victim}`] });
      throw killed;
    };
    return { ...world, context: { ...world.context, server: { ...server, change } } };
  }

  it('three times in a row at one place is on hold there, as an error, and nowhere else', async () => {
    const world = worldOf(lab);
    announce(world, 'old', 'new');
    const dying = dyingAt(world, shop);
    for (const time of [1, 2, 3]) {
      await assert.rejects(reconcile(dying), killed);
      assert.equal((await world.state.unfinishedRuns()).length, 1, `${time}`);
    }
    const outcome = await reconcile(dying);
    assert.deepEqual(await held(world), { ...all('new'), [shop]: 'old' }, JSON.stringify(outcome.notes));
    const found = (await findingsOf(world)).find(({ code }) => code === 'renewal-rolled-back');
    assert.deepEqual([found?.severity, found?.keys], ['error', [shop]]);
    assert.match(found?.message ?? '', /was killed while it changed this, 3 times in a row/);
    assert.equal((await reconcile(dying)).result, 'nothing-to-do');
    await rebind(world, [given(lab, 'old', 'new')]);
    assert.deepEqual(await held(world), all('new'));
    assert.deepEqual((await world.state.readLedger()).decisions, []);
  });
});
