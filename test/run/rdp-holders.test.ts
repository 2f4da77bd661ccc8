import assert from 'node:assert/strict';
import { type Configuration, defaultConfiguration } from '../../src/documents/configuration.ts';
import { rdpKey } from '../../src/holders/rdp/rdp.ts';
import type { LabService } from '../../src/lab/kernel/lab-state.ts';
import { type LabBuilder, type LabCertificateParts, labState } from '../builders/lab.ts';
import { explore } from './explore.ts';
import { given, rebind, undo, type World, worldOf } from './world.ts';

const swapping: Configuration = {
  ...defaultConfiguration,
  holders: { ...defaultConfiguration.holders, rdp: { policy: 'replace' } },
};
const key = rdpKey('RDP-Tcp');

/** A server with nothing but a Remote Desktop listener on the old certificate. */
function listenerLab(
  chosenBy: NonNullable<LabService['listener']>['chosenBy'] = 'person',
  successor: LabCertificateParts = {},
): LabBuilder {
  const names = ['web01.example.com'];
  const lab = labState()
    .certificate('new', { names, notAfter: '2028-01-01T00:00:00Z', ...successor })
    .certificate('old', { names, renewedTo: 'new' });
  const listener = { port: 3389, state: 'started', chosenBy } as const;
  return lab.with({
    others: [{ thumbprint: lab.thumbprint('old'), consumer: { kind: 'rdp', detail: 'RDP-Tcp' }, listener }],
  });
}

const lab = listenerLab();
const renewal = given(lab, 'old', 'new');
const rebinding = (world: World) => rebind(world, [renewal], {}, swapping);
const held = (world: World) => world.kernel.state.others[0]?.thumbprint;

describe('Remote Desktop listeners', () => {
  it('are moved, verified over their own protocol, and undone', async () => {
    const world = worldOf(lab);
    const outcome = await rebinding(world);
    const [step] = outcome.steps;
    assert.deepEqual([outcome.result, step?.key, step?.state], ['rebound', key, 'verified']);
    assert.equal(step?.after[0]?.endpoint.startTls, 'rdp');
    assert.equal(held(world), lab.thumbprint('new'));
    assert.equal((await undo(world, outcome.run)).result, 'undone');
    assert.equal(held(world), lab.thumbprint('old'));
  });

  it('are only named where the policy reports them', async () => {
    const world = worldOf(lab);
    const { result, skipped } = await rebind(world, [renewal]);
    assert.deepEqual([result, skipped.map(({ reason }) => reason)], ['nothing-to-do', ['report-only']]);
    assert.equal(held(world), lab.thumbprint('old'));
  });

  for (const chosenBy of ['policy', 'unknown'] as const) {
    it(`are never changed where no person chose the certificate: ${chosenBy}`, async () => {
      const world = worldOf(listenerLab(chosenBy));
      const { counts, notes } = await rebinding(world);
      assert.equal(counts.changed, 0);
      assert.ok(notes.some(({ code, text }) => code === 'other-consumers' && text.includes('RDP-Tcp')));
      assert.equal(held(world), lab.thumbprint('old'));
    });
  }

  it('take certificates from the store My only', async () => {
    const elsewhere = listenerLab('person', { store: 'WebHosting' });
    const outcome = await rebind(worldOf(elsewhere), [given(elsewhere, 'old', 'new')], {}, swapping);
    assert.deepEqual([outcome.exitCode, outcome.blocked.map(({ reason }) => reason)], [3, ['wrong-store']]);
  });

  it('that cannot use the key of the new certificate get the old one back', async () => {
    const world = worldOf(lab.switched('renewed-key-access', 'lost').switched('key-storage', 'platform'));
    const outcome = await rebinding(world);
    const [step] = outcome.steps;
    assert.deepEqual([outcome.exitCode, step?.state, step?.error?.code], [4, 'rolled-back', 'endpoint-worse']);
    assert.match(step?.error?.message ?? '', /it has no usable certificate/);
    assert.equal(held(world), lab.thumbprint('old'));
  });

  it('that WMI says it has changed, and has not, are told so', async () => {
    const outcome = await rebinding(worldOf(lab.fault({ on: { kind: 'set-rdp' }, effect: { do: 'no-effect' } })));
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.error?.code], [4, 'replace-without-effect']);
  });

  it('that others change between plan and put are left so', async () => {
    const changed = lab.certificate('other', { names: ['other.example.com'] });
    const world = worldOf(changed);
    const { server } = world.context;
    const change: typeof server.change = (changes) => {
      if (changes.some((one) => one.do === 'put'))
        world.kernel.apply({ kind: 'set-rdp', listener: 'RDP-Tcp', hash: changed.thumbprint('other') });
      return server.change(changes);
    };
    const outcome = await rebinding({ ...world, context: { ...world.context, server: { ...server, change } } });
    assert.equal(outcome.steps[0]?.state, 'changed-by-others');
    assert.equal(held(world), changed.thumbprint('other'));
  });

  it('hold one certificate or the other after any kill, and the next start brings the run to its end', async () => {
    const states = await explore(
      {
        prepare: async () => worldOf(lab),
        act: rebinding,
        check: async (world, when) => {
          assert.equal(held(world), lab.thumbprint('new'), when);
          assert.deepEqual(await world.state.unfinishedRuns(), [], when);
        },
      },
      2,
    );
    assert(states >= 10, `only ${states} states`);
  });
});
