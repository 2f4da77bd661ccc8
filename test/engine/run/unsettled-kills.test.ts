import assert from 'node:assert/strict';
import { ledgerEntries } from '../../../src/engine/views/ledger-entries.ts';
import { lostOrChangedOptions } from '../../../src/kinds/tls/certificate-binding.ts';
import { restoreOf } from '../../builders/changes.ts';
import { labState } from '../../builders/lab.ts';
import { https, sni } from '../../builders/snapshot.ts';
import { isSlow } from '../../support/slow.ts';
import { explore } from './explore.ts';
import { holdings, keyText, reconcile, recordsOf, type World, worldOf } from './world.ts';

const shop = keyText('shop.example.com:443');
const any = keyText('0.0.0.0:443');
const lab = labState()
  .certificate('new', { notAfter: '2028-01-01T00:00:00Z' })
  .certificate('old', { renewedTo: 'new' })
  .site('Shop', [https('*:443:'), sni('shop.example.com')])
  .record(any, 'old', { flags: 2, certCheckMode: 4, revocationFreshnessSeconds: 60 })
  .record(shop, 'old', { certCheckMode: 1 });
const held = (world: World) => holdings(world, lab, ['old', 'new']);
const heal = ({ kernel }: World) => void kernel.apply({ kind: 'disarm-faults' });

const entriesOf = async ({ state }: World) => ledgerEntries(await state.readLedger());
const debtsOf = async ({ state }: World) => (await state.readLedger()).pendingRollbacks.map(({ key }) => key);

/** Every record that should be there is, with each of its options. */
async function checkWhole(world: World, when: string, missing: readonly string[] = []): Promise<void> {
  const now = await recordsOf(world);
  for (const [key, before] of await recordsOf(worldOf(lab))) {
    if (missing.includes(key)) continue;
    const found = now.get(key);
    assert(found !== undefined, `${when}: ${key} is missing`);
    assert.deepEqual(lostOrChangedOptions(before, found), [], `${when}: options of ${key}`);
  }
}

const refusedByNetsh = { do: 'fail', hresult: 0x80070057, message: 'The parameter is incorrect.' } as const;

/** A run has left one of four sites without its record, and with it the renewal of all. */
async function indebted(): Promise<World> {
  const world = worldOf(lab);
  const on = { kind: 'binding-method', method: 'RebindSslCertificate', key: shop } as const;
  world.fault({ on, effect: { do: 'delete-without-add' } });
  world.fault({ on: { kind: 'netsh', key: shop }, times: null, effect: refusedByNetsh });
  assert.equal((await reconcile(world)).exitCode, 5);
  assert.deepEqual(await debtsOf(world), [shop]);
  return world;
}

const deaths = isSlow ? 2 : 1;

describe('a kill at any piece of work of a run that pays a debt, and another one in the recovery', () => {
  it('leaves the debt paid, with every record whole', () =>
    explore(
      {
        async prepare() {
          const world = await indebted();
          heal(world);
          return world;
        },
        act: reconcile,
        async check(world, when) {
          await checkWhole(world, when);
          assert.deepEqual(await debtsOf(world), [], `${when}: nothing is owed`);
          assert.equal((await held(world))[shop], 'old', when);
        },
      },
      deaths,
      7,
    ));

  it('leaves it owed where it cannot be paid, and the hourly run pays it later', () =>
    explore(
      {
        prepare: indebted,
        act: reconcile,
        async check(world, when) {
          await checkWhole(world, when, [shop]);
          assert.deepEqual(await debtsOf(world), [shop], `${when}: it is owed, once`);
          const later = world.fork();
          heal(later);
          await reconcile(later);
          await checkWhole(later, `${when}, and mended`);
          assert.deepEqual(await debtsOf(later), [], `${when}, and mended: nothing is owed`);
        },
      },
      1,
      7,
    ));
});

/** From now on a client that is given the new certificate cannot connect. */
function refusing(world: World): World {
  const { context } = world;
  const handshake: typeof context.handshake = async (endpoint) => {
    const seen = await context.handshake(endpoint);
    if (seen.handshake.thumbprint !== lab.thumbprint('new')) return seen;
    return { handshake: { ...seen.handshake, result: 'unreachable', thumbprint: null, reason: 'reset' }, covers: null };
  };
  return { ...world, context: { ...context, handshake } };
}

/** The cause may have gone: something has changed that could matter to a handshake. */
async function changeFacts(world: World, flags: number): Promise<void> {
  const record = (await recordsOf(world)).get(any);
  assert(record !== undefined);
  const changed = { ...record, options: { ...record.options, flags } };
  await world.context.server.change([restoreOf(changed)]);
}

async function attemptsOf(world: World): Promise<number | undefined> {
  return (await entriesOf(world)).find(({ renewal }) => renewal.old !== renewal.new)?.rolledBack?.attempts;
}

const whole = (world: World, when: string) => checkWhole(world, when, [any]);

describe('a kill at any piece of work of a renewal that is tried again, and another one in the recovery', () => {
  const rolledBack = async () => {
    const world = worldOf(lab);
    await reconcile(refusing(world));
    assert.equal(await attemptsOf(world), 1);
    await changeFacts(world, 0);
    return world;
  };

  it('leaves it applied where the cause has gone', () =>
    explore(
      {
        prepare: rolledBack,
        act: reconcile,
        async check(world, when) {
          await whole(world, when);
          assert.deepEqual(await held(world), { [any]: 'new', [shop]: 'new' }, when);
          assert.deepEqual(
            (await entriesOf(world)).map(({ state }) => state),
            ['settled'],
            when,
          );
        },
      },
      1,
      12,
    ));

  it('leaves it rolled back where it fails again: one try was counted, and another follows only another change', () =>
    explore(
      {
        prepare: rolledBack,
        act: (world) => reconcile(refusing(world)),
        async check(world, when) {
          await whole(world, when);
          assert.deepEqual(await held(world), { [any]: 'old', [shop]: 'old' }, when);
          assert.equal(await attemptsOf(world), 2, when);
          const later = world.fork();
          await changeFacts(later, 2);
          await reconcile(refusing(later));
          assert.equal(await attemptsOf(later), 3, `${when}, and changed again`);
        },
      },
      deaths,
      7,
    ));

  it('does not take a place that the run lost for a change that matters', () =>
    explore(
      {
        async prepare() {
          const world = worldOf(lab);
          const on = { kind: 'binding-method', method: 'RebindSslCertificate', key: any } as const;
          world.fault({ on, nth: 2, times: null, effect: { do: 'delete-without-add' } });
          world.fault({ on: { kind: 'netsh', key: any }, times: null, effect: refusedByNetsh });
          return world;
        },
        act: (world) => reconcile(refusing(world)),
        async check(world, when) {
          const later = world.fork();
          heal(later);
          for (const _ of ['it pays', 'nothing more']) await reconcile(refusing(later));
          await checkWhole(later, when);
          assert.deepEqual([await debtsOf(later), await attemptsOf(later)], [[], 1], when);
        },
      },
      1,
      10,
    ));
});
