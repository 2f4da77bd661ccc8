import assert from 'node:assert/strict';
import { defaultConfiguration } from '../../../src/documents/configuration.ts';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import { ledgerEntries } from '../../../src/engine/views/ledger-entries.ts';
import { sameHolder, tlsHolder } from '../../../src/kinds/holder.ts';
import type { KeyText } from '../../../src/kinds/record-key.ts';
import { restoreOf } from '../../builders/changes.ts';
import { labState } from '../../builders/lab.ts';
import { https, policy, sni } from '../../builders/snapshot.ts';
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
  stepAt,
  undo,
  type World,
  wideKeys,
  wideLab,
  worldOf,
} from './world.ts';

const victim = keyText('shop.example.com:443');
const refused = { do: 'fail', hresult: 0x80070057, message: 'The parameter is incorrect.' } as const;
const lab = wideLab();
const labels = ['old', 'new', 'other'];
const ledgerOf = ({ state }: World) => state.readLedger();
const entryOf = async (world: World) =>
  ledgerEntries(await ledgerOf(world)).find((one) => one.renewal.old !== one.renewal.new);
const heal = ({ kernel }: World) => void kernel.apply({ kind: 'disarm-faults' });

function deleteWithoutAdding(world: World, key: KeyText = victim): void {
  const on = { kind: 'binding-method', method: 'RebindSslCertificate', key } as const;
  world.fault({ on, effect: { do: 'delete-without-add' } });
  world.fault({ on: { kind: 'netsh', key }, times: null, effect: refused });
}

/** A run that left one of four sites without its record. */
async function afterLoss(): Promise<{ readonly world: World; readonly run: string }> {
  const world = worldOf(lab);
  deleteWithoutAdding(world);
  const { exitCode, run } = await reconcile(world);
  assert.equal(exitCode, 5);
  assert.equal((await recordsOf(world)).has(victim), false);
  return { world, run };
}

describe('a record that a run lost and could not restore', () => {
  it('is owed, by the run that knows it', async () => {
    const { world, run } = await afterLoss();
    assert.deepEqual(each((await ledgerOf(world)).pendingRollbacks, 'run', 'key'), [[run, victim]]);
  });

  it('comes back with the next run, whole, before anything else, and is verified', async () => {
    const before = (await recordsOf(worldOf(lab))).get(victim);
    const { world } = await afterLoss();
    heal(world);
    const outcome = await reconcile(world);
    const restored = (await recordsOf(world)).get(victim);
    assert(before !== undefined && restored !== undefined && sameHolder(tlsHolder(before), tlsHolder(restored)));
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.key, outcome.steps[0]?.state], [0, victim, 'verified']);
    assert.deepEqual((await ledgerOf(world)).pendingRollbacks, []);
    assert.equal((await reconcile(world)).result, 'nothing-to-do');
  });

  it('stays owed while it cannot be restored, however many runs go by', async () => {
    const { world } = await afterLoss();
    for (const _ of [1, 2]) {
      const outcome = await reconcile(world);
      assert.deepEqual([outcome.exitCode, outcome.kept, stepAt(outcome, victim).state], [5, false, 'as-before']);
    }
    assert.equal((await world.state.listRuns()).length, 1);
    assert.deepEqual(each((await ledgerOf(world)).pendingRollbacks, 'key'), [victim]);
    heal(world);
    assert.equal((await reconcile(world)).exitCode, 0);
    assert.equal((await recordsOf(world)).has(victim), true);
  });

  it('is not pruned from the history as long as it is owed', async () => {
    const { world, run } = await afterLoss();
    await world.state.pruneRuns(0, new Set((await ledgerOf(world)).pendingRollbacks.map((debt) => debt.run)));
    assert.deepEqual(each(await world.state.listRuns(), 'run'), [run]);
  });

  it('is left to whoever has set it since, who is named', async () => {
    const { world } = await afterLoss();
    heal(world);
    const record = (await recordsOf(worldOf(lab))).get(victim);
    assert(record !== undefined);
    await world.context.server.change([restoreOf({ ...record, thumbprint: lab.thumbprint('other') })]);
    const outcome = await reconcile(world);
    assert.deepEqual(
      outcome.notes.filter(({ code }) => code === 'restore-dropped').map(({ text }) => text.split(' ')[4]),
      [victim],
    );
    assert.equal((await holdings(world, lab, labels))[victim], 'other');
    assert.deepEqual((await ledgerOf(world)).pendingRollbacks, []);
  });

  it('is left alone where it was excluded since', async () => {
    const { world } = await afterLoss();
    heal(world);
    const { exclude } = defaultConfiguration;
    await reconcile(world, {}, policy({ exclude: { ...exclude, records: [victim] } }));
    assert.equal((await recordsOf(world)).has(victim), false);
    assert.deepEqual((await ledgerOf(world)).pendingRollbacks, []);
  });

  it('is no part of the next run where a failed step rolls back the whole run', async () => {
    const two = wideLab({ names: ['shop.example.com', 'www.example.com', 'mail.example.com'] });
    const world = worldOf(two);
    deleteWithoutAdding(world);
    await reconcile(world);
    heal(world);
    const again = keyText('www.example.com:443');
    const record = (await recordsOf(world)).get(again);
    assert(record !== undefined);
    await world.context.server.change([restoreOf({ ...record, thumbprint: two.thumbprint('other') })]);
    world.fault({ on: { kind: 'connect', key: again }, nth: 2, times: null, effect: { do: 'refuse' } });
    const renewal = { ...given(two, 'other', 'new'), source: 'renewal-property' as const };
    world.kernel.apply({ kind: 'set-renewal', thumbprint: renewal.old, renewedTo: renewal.new });
    const outcome = await reconcileNow(world, { undo: 'run' });
    assert.deepEqual(each(outcome.steps, 'key', 'state'), [
      [victim, 'verified'],
      [again, 'rolled-back'],
    ]);
  });
});

const chainLab = labState()
  .certificate('new', { issuer: 'renewing' })
  .certificate('old', { issuer: 'issuing', renewedTo: 'new' })
  .site('Shop', [https('*:443:')])
  .record('0.0.0.0:443', 'old');

const setIssuer = ({ kernel }: World, position: 'stored' | 'missing') =>
  void kernel.apply({ kind: 'set-switch', name: 'renewal-issuer', position });

describe('a renewal that was rolled back', () => {
  const broken = () => worldOf(chainLab.switched('renewal-issuer', 'missing'));

  it('for a missing intermediate is remembered with its name, and waits', async () => {
    const world = broken();
    assert.equal((await reconcile(world)).exitCode, 4);
    assert.deepEqual((await entryOf(world))?.rolledBack?.cause.kind, 'chain');
    const { cause } = (await entryOf(world))?.rolledBack ?? {};
    assert.equal(cause?.kind === 'chain' && cause.issuer, 'CN=renewing');
    assert.equal((await reconcile(world)).result, 'nothing-to-do');
  });

  it('is tried again once the intermediate is there', async () => {
    const world = broken();
    await reconcile(world);
    setIssuer(world, 'stored');
    const outcome = await reconcile(world);
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.state], [0, 'verified']);
    assert.deepEqual(await holdings(world, chainLab, ['old', 'new']), { '0.0.0.0:443': 'new' });
    assert.deepEqual([(await entryOf(world))?.state, (await entryOf(world))?.rolledBack], ['settled', undefined]);
  });

  /** Every handshake after the replacement is refused. */
  const strike = (world: World) => {
    heal(world);
    for (const key of wideKeys)
      world.fault({ on: { kind: 'connect', key }, nth: 2, times: null, effect: { do: 'refuse' } });
    return world;
  };
  const addOption = async (world: World, flags: number) => {
    const record = (await recordsOf(world)).get(keyText('0.0.0.0:443'));
    assert(record !== undefined);
    await world.context.server.change([restoreOf({ ...record, options: { ...record.options, flags } })]);
  };

  it('on the wire alone is tried again after a fact has changed, one canary first, and not before', async () => {
    const world = strike(worldOf(lab));
    assert.equal((await reconcile(world)).exitCode, 4);
    assert.equal((await reconcile(world)).result, 'nothing-to-do');
    await addOption(world, 0);
    const outcome = await reconcile(strike(world));
    assert.deepEqual(each(outcome.steps, 'state'), ['rolled-back', 'not-attempted', 'not-attempted', 'not-attempted']);
    assert.equal((await entryOf(world))?.rolledBack?.attempts, 2);
    heal(world);
    await addOption(world, 2);
    assert.equal((await reconcile(world)).exitCode, 0);
    assert.deepEqual(new Set(Object.values(await holdings(world, lab, labels))), new Set(['new', 'old']));
    assert.equal((await entryOf(world))?.state, 'settled');
  });

  it('is tried again three times at most, until a person asks for it', async () => {
    const world = strike(worldOf(lab));
    await reconcile(world);
    const results: string[] = [];
    for (const flags of [0, 2, 0, 2, 0]) {
      await addOption(world, flags);
      results.push((await reconcile(strike(world))).result);
    }
    assert.deepEqual(results, ['undone', 'undone', 'undone', 'nothing-to-do', 'nothing-to-do']);
    await rebind(strike(world), [given(lab, 'old', 'new')]);
    assert.equal((await entryOf(world))?.rolledBack?.attempts, 1);
    await addOption(world, 2);
    assert.equal((await reconcile(strike(world))).result, 'undone');
  });

  it('by a person is not tried again, whatever changes', async () => {
    const world = worldOf(lab);
    const { run } = await reconcile(world);
    await undo(world, run);
    assert.equal((await entryOf(world))?.rolledBack?.cause.kind, 'person');
    await addOption(world, 0);
    assert.equal((await reconcile(world)).result, 'nothing-to-do');
  });

  it('keeps its number of tries while a guard blocks it, which is what is told then', async () => {
    const world = broken();
    await reconcile(world);
    setIssuer(world, 'stored');
    world.later(300 * 24 * 3600_000);
    assert.equal((await reconcile(world)).exitCode, 3);
    const entry = await entryOf(world);
    assert.deepEqual([entry?.state, entry?.rolledBack?.attempts], ['blocked', 1]);
    const snapshot = await world.context.server.snapshot();
    const codes = lookAt(factsOf(snapshot, { ledger: await ledgerOf(world) })).every.map(({ code }) => code);
    assert.deepEqual([codes.includes('renewal-blocked'), codes.includes('renewal-rolled-back')], [true, false]);
  });

  it('goes before a new one', async () => {
    const two = labState()
      .certificate('new', { issuer: 'renewing', names: ['z.example.com'] })
      .certificate('old', { issuer: 'issuing', renewedTo: 'new', names: ['z.example.com'] })
      .certificate('second', { issuer: 'issuing', names: ['a.example.com'] })
      .certificate('first', { issuer: 'issuing', names: ['a.example.com'], renewedTo: 'second' })
      .site('Shop', [sni('a.example.com'), sni('z.example.com')])
      .record('a.example.com:443', 'first')
      .record('z.example.com:443', 'old')
      .switched('renewal-issuer', 'missing');
    const world = worldOf(two);
    await reconcile(world);
    setIssuer(world, 'stored');
    const plan = await reconcile(world, { dryRun: true });
    assert.equal(plan.steps[0]?.key, 'z.example.com:443');
  });
});

describe('names that a renewal lost at a place that answers for any host', () => {
  it('are a note of the outcome, and remembered with the renewal', async () => {
    const world = worldOf(
      labState()
        .certificate('new', { names: ['shop.example.com'] })
        .certificate('old', { names: ['shop.example.com', 'old.example.com'], renewedTo: 'new' })
        .site('Shop', [https('*:443:')])
        .record('0.0.0.0:443', 'old'),
    );
    const outcome = await reconcile(world);
    assert.deepEqual(
      each(
        outcome.notes.filter(({ code }) => code === 'names-fewer'),
        'hosts',
      ),
      [['old.example.com']],
    );
    assert.deepEqual((await entryOf(world))?.namesLost, [{ key: '0.0.0.0:443', hosts: ['old.example.com'] }]);
  });
});
