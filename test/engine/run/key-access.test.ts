import assert from 'node:assert/strict';
import { type Configuration, defaultConfiguration } from '../../../src/documents/configuration.ts';
import { emptyLedger } from '../../../src/documents/runs/ledger.ts';
import type { Plan } from '../../../src/documents/runs/plan.ts';
import { planChosen } from '../../../src/engine/plan/plan-chosen.ts';
import { planRebind } from '../../../src/engine/plan/plan-rebind.ts';
import { keyAccessKey, networkService } from '../../../src/kinds/key-access/key-access.ts';
import { rdpKey } from '../../../src/kinds/rdp/rdp.ts';
import { keySddl } from '../../../src/lab/kernel/holders/key-access.ts';
import { planText } from '../../../src/shell/print/plan-text.ts';
import { plain } from '../../../src/shell/print/terminal-style.ts';
import type { LabBuilder } from '../../builders/lab.ts';
import { sni } from '../../builders/snapshot.ts';
import { each } from '../../support/each.ts';
import { isSlow } from '../../support/slow.ts';
import { explore } from './explore.ts';
import { certificates, rdpListener, replacing } from './kind-worlds.ts';
import { given, rebind, undo, type World, worldOf } from './world.ts';

/** How many processes in a row are killed. */
const deaths = isSlow ? 2 : 1;

const swapping = replacing('rdp');
const copying: Configuration = { ...defaultConfiguration, keyAccess: 'copy' };
const database = 'S-1-5-80-3880718306-3832830129-1677859214-2598158968-1052248003';

/** A web site and Remote Desktop on the old certificate; the new key lacks NETWORK SERVICE. */
const lab = rdpListener(
  certificates.site('Shop', [sni('shop.example.com')]).record('shop.example.com:443', 'old'),
).switched('renewed-key-access', 'lost');
const [old, successor] = [lab.thumbprint('old'), lab.thumbprint('new')];
const key = keyAccessKey(successor);
const renewal = given(lab, 'old', 'new');
const rights = ({ kernel: { state } }: World) => keySddl(state, successor);
const none = 'O:SYG:SYD:PAI(A;;FA;;;SY)(A;;FA;;;BA)';
const granted = `${none}(A;;FR;;;NS)`;

/** The old key gives read to these accounts, beside NETWORK SERVICE. */
function withReaders(builder: LabBuilder, ...sids: readonly string[]): LabBuilder {
  return builder.with({ keyAccess: { [old]: Object.fromEntries(sids.map((sid) => [sid, true])) } });
}

describe('rights on the private key', () => {
  for (const storage of ['software', 'legacy'] as const) {
    it(`are given to NETWORK SERVICE before Remote Desktop is moved, and taken back by undo (${storage})`, async () => {
      const world = worldOf(lab.switched('key-storage', storage));
      const outcome = await rebind(world, [renewal], {}, swapping);
      assert.deepEqual(each(outcome.steps, 'key', 'state'), [
        [key, 'untested'],
        ['shop.example.com:443', 'verified'],
        [rdpKey('RDP-Tcp'), 'verified'],
      ]);
      assert.equal(outcome.exitCode, 0);
      assert.equal(rights(world), granted);
      assert.equal((await undo(world, outcome.run)).result, 'undone');
      assert.equal(rights(world), none);
    });
  }

  it('are told in a plan where the policy only reports them, and nothing is given', async () => {
    const world = worldOf(withReaders(lab, database));
    const outcome = await rebind(world, [renewal]);
    const [note] = outcome.notes.filter(({ code }) => code === 'key-access');
    assert.match(note?.text ?? '', /NETWORK SERVICE \(S-1-5-20\), S-1-5-80-3880718306\S* can read the old key but not/);
    assert.equal(note?.command, 'certrebind config set keyAccess copy');
    assert.deepEqual(each(outcome.steps, 'key'), ['shop.example.com:443']);
    assert.equal(rights(world), none);
  });

  it('are carried over by copy, to each account that read the old key', async () => {
    const world = worldOf(withReaders(lab, database));
    const outcome = await rebind(world, [renewal], {}, copying);
    assert.equal(rights(world), `${granted}(A;;FR;;;${database})`);
    assert.equal((await undo(world, outcome.run)).result, 'undone');
    assert.equal(rights(world), none);
  });

  it('that the new key has are not given again, and nobody is named', async () => {
    const world = worldOf(lab.switched('renewed-key-access', 'kept'));
    const { steps, notes } = await rebind(world, [renewal], {}, { ...swapping, keyAccess: 'copy' });
    assert.deepEqual([steps.length, notes.filter(({ code }) => code === 'key-access')], [2, []]);
  });

  for (const [sid, name] of [
    ['S-1-1-0', 'Everyone'],
    ['S-1-5-32-545', 'Users'],
    ['S-1-5-7', 'ANONYMOUS LOGON'],
  ] as const) {
    it(`of ${name} are never carried over, nor is anything beside them`, async () => {
      const world = worldOf(withReaders(lab, sid, database));
      const { steps, notes } = await rebind(world, [renewal], {}, copying);
      assert.equal(steps.length, 1);
      assert.match(
        notes.find(({ code }) => code === 'key-access')?.text ?? '',
        new RegExp(`could be read by ${name} `),
      );
      assert.equal(rights(world), none);
    });
  }

  it('of a key that is no file are not checked, which is said', async () => {
    const world = worldOf(lab.switched('key-storage', 'platform'));
    const { notes } = await rebind(world, [renewal], {}, copying);
    const told = notes.filter(({ code }) => code === 'key-access-unchecked').map(({ text }) => text);
    assert.equal(told.length, 2);
    assert.match(told[0] ?? '', /^The permissions of .* were not checked: .* Microsoft Platform Crypto Provider\.$/);
  });

  it('that the system refuses to give leave Remote Desktop as it was, and the web sites moved', async () => {
    const effect = { do: 'fail', hresult: 0x80070005, message: 'Access is denied.' } as const;
    const world = worldOf(lab.fault({ on: { kind: 'set-key-access' }, times: null, effect }));
    const outcome = await rebind(world, [renewal], {}, swapping);
    assert.deepEqual(each(outcome.steps, 'state'), ['as-before', 'verified', 'rolled-back']);
    assert.equal(outcome.exitCode, 4);
    assert.match(outcome.steps[0]?.error?.message ?? '', /Access is denied/);
  });

  it('that were said to be given and were not are told so', async () => {
    const world = worldOf(lab.fault({ on: { kind: 'set-key-access' }, times: null, effect: { do: 'no-effect' } }));
    const outcome = await rebind(world, [renewal], {}, swapping);
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.error?.code], [4, 'replace-without-effect']);
  });

  it('that others gave meanwhile stay at an undo', async () => {
    const world = worldOf(lab);
    const { run } = await rebind(world, [renewal], {}, swapping);
    world.kernel.apply({ kind: 'set-key-access', thumbprint: successor, sid: database, access: 'read' });
    assert.equal((await undo(world, run)).result, 'undone');
    assert.equal(rights(world), `${none}(A;;FR;;;${database})`);
  });

  it('are there after any kill, and the next start brings the run to its end', async () => {
    await explore(
      {
        prepare: async () => worldOf(lab),
        act: (world) => rebind(world, [renewal], {}, swapping),
        check: async (world, when) => {
          assert.equal(rights(world), granted, when);
          assert.equal(world.kernel.state.others[0]?.thumbprint, successor, when);
        },
      },
      deaths,
      5 * deaths,
    );
  });

  it('that a plan file names are given, and no others', async () => {
    const snapshot = await worldOf(lab).context.server.snapshot();
    const keysOf = ({ steps }: Plan) => steps.map((step) => [step.id, step.key]);
    const plan = planRebind({ snapshot, renewals: [renewal], configuration: swapping });
    const chosen = (earlier: Plan, configuration: Configuration) =>
      planChosen({ chosen: earlier, snapshot, configuration, ledger: emptyLedger, force: false });
    assert.deepEqual(keysOf(chosen(plan, swapping)), keysOf(plan));
    assert.match(planText(plan, plain), /key\/\S+ +no access +read +read for NETWORK SERVICE/);
    const without = planRebind({ snapshot, renewals: [renewal], configuration: defaultConfiguration });
    assert.deepEqual(keysOf(chosen(without, copying)), [[1, 'shop.example.com:443']]);
  });

  it('are no reason for a run where everything else holds the new certificate', async () => {
    const world = worldOf(lab);
    await rebind(world, [renewal], {}, { ...swapping, holders: { ...swapping.holders } });
    world.kernel.apply({ kind: 'set-key-access', thumbprint: successor, sid: networkService, access: 'none' });
    const { steps, result } = await rebind(world, [renewal], {}, { ...swapping, keyAccess: 'copy' });
    assert.deepEqual([steps, result], [[], 'nothing-to-do']);
  });
});
