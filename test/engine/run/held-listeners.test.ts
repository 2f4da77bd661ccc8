import assert from 'node:assert/strict';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import { noInstallation, nothingRemembered } from '../../../src/engine/findings/facts.ts';
import { ledgerEntries } from '../../../src/engine/views/ledger-entries.ts';
import { statusOf } from '../../../src/engine/views/server-status.ts';
import { rdpKey } from '../../../src/kinds/rdp/rdp.ts';
import { iisAppId } from '../../../src/kinds/tls/certificate-binding.ts';
import { labState } from '../../builders/lab.ts';
import { met } from '../../builders/met.ts';
import { sni } from '../../builders/snapshot.ts';
import { each } from '../../support/each.ts';
import { rdpListener, replacing } from './kind-worlds.ts';
import { given, rebind, reconcile, reconcileNow, undo, type World, worldOf } from './world.ts';

const swapping = replacing('rdp');
const shop = 'shop.example.com:443';
const desktop = rdpKey('RDP-Tcp');
const second = rdpKey('Second');

/** A web site and two Remote Desktop listeners, which cannot use the key of the new certificate. */
const names = ['shop.example.com'];
const certificates = labState()
  .certificate('newer', { names, notAfter: '2029-01-01T00:00:00Z' })
  .certificate('new', { names, notAfter: '2028-01-01T00:00:00Z' })
  .certificate('old', { names, renewedTo: 'new' });
const site = certificates.site('Shop', [sni('shop.example.com')]).record(shop, 'old');
const lab = rdpListener(rdpListener(site), { port: 3390 }, 'Second')
  .switched('renewed-key-access', 'lost')
  .switched('key-storage', 'platform');
const [old, successor] = [lab.thumbprint('old'), lab.thumbprint('new')];
const held = ({ kernel: { state } }: World) => state.others.map(({ thumbprint }) => thumbprint);
const entryOf = async ({ state }: World) =>
  ledgerEntries(await state.readLedger()).find((one) => one.renewal.old === old);

async function statusNow({ context: { server }, state }: World) {
  const snapshot = await server.snapshot();
  return statusOf(
    lookAt({
      snapshot,
      configuration: swapping,
      expected: [],
      ...nothingRemembered,
      ledger: await state.readLedger(),
      triggersKnown: true,
      wire: [],
      lastKnown: new Map(),
      endsWithinDays: 7,
      installation: noInstallation,
      keysLeft: [],
    }),
  );
}

/** A first run, in which the site is moved and the first listener gets the old certificate back. */
async function afterRollBack(): Promise<World> {
  const world = worldOf(lab);
  const { steps, exitCode } = await reconcile(world, {}, swapping);
  assert.deepEqual([exitCode, steps.map(({ state }) => state)], [4, ['verified', 'rolled-back', 'not-attempted']]);
  return world;
}

describe('a listener that got its old certificate back', () => {
  it('is held with the others of its kind, and nothing tries it again by itself', async () => {
    const world = await afterRollBack();
    const entry = await entryOf(world);
    assert.deepEqual([entry?.state, entry?.heldAt], ['settled', [desktop, second]]);
    const again = await reconcile(world, {}, swapping);
    assert.deepEqual([again.exitCode, again.result, again.steps], [0, 'nothing-to-do', []]);
    assert.match(again.notes.find(({ code }) => code === 'renewal-held')?.text ?? '', /rdp\/RDP-Tcp/);
    assert.deepEqual(held(world), [old, old]);
    assert.deepEqual((await entryOf(world))?.heldAt, [desktop, second]);
  });

  it('is shown by status with the line that helps, and nothing is pending', async () => {
    const status = await statusNow(await afterRollBack());
    assert.deepEqual(
      [status.pending, status.held.map(({ renewal, records }) => [renewal.new, records])],
      [[], [[successor, [desktop, second]]]],
    );
  });

  it('holds up no other holder of the renewal, now or later', async () => {
    const world = await afterRollBack();
    world.kernel.apply({
      kind: 'netsh',
      args: ['http', 'update', 'sslcert', `hostnameport=${shop}`, `certhash=${old}`, `appid=${iisAppId}`],
    });
    const again = await reconcileNow(world, {}, swapping);
    assert.deepEqual([again.exitCode, again.steps.map(({ key, state }) => [key, state])], [0, [[shop, 'verified']]]);
    assert.deepEqual(each(again.skipped.map(met), 'key', 'reason'), [
      [desktop, 'held'],
      [second, 'held'],
    ]);
    assert.match(met(again.skipped[0]).detail, new RegExp(`rebind --old ${old} --new ${successor}$`));
    assert.deepEqual((await entryOf(world))?.heldAt, [desktop, second]);
  });

  it('is brought in by the person who runs that line, once the key can be used', async () => {
    const world = await afterRollBack();
    world.kernel.apply({ kind: 'set-switch', name: 'renewed-key-access', position: 'kept' });
    assert.equal((await reconcile(world, {}, swapping)).result, 'nothing-to-do');
    const outcome = await rebind(world, [given(lab, 'old', 'new')], {}, swapping);
    assert.equal(outcome.counts.changed, 2);
    assert.deepEqual(held(world), [successor, successor]);
    assert.equal((await entryOf(world))?.heldAt, undefined);
  });

  it('is tried with the certificate that comes after', async () => {
    const world = await afterRollBack();
    world.kernel.apply({ kind: 'set-switch', name: 'renewed-key-access', position: 'kept' });
    world.kernel.apply({ kind: 'set-renewal', thumbprint: successor, renewedTo: lab.thumbprint('newer') });
    await reconcile(world, {}, swapping);
    assert.deepEqual(held(world), [lab.thumbprint('newer'), lab.thumbprint('newer')]);
  });

  it('is no more than the rest where a person undoes the run', async () => {
    const world = await afterRollBack();
    const [run] = (await world.state.listRuns()).slice(-1);
    await undo(world, run?.run ?? '');
    const entry = await entryOf(world);
    assert.deepEqual([entry?.state, entry?.heldAt], ['undone', [desktop, second, shop]]);
  });
});
