import assert from 'node:assert/strict';
import { stub } from 'sinon';
import { type Configuration, defaultConfiguration } from '../../src/documents/configuration.ts';
import { ldapsKey, ldapsSetting } from '../../src/holders/ldaps/ldaps.ts';
import { reportedRules } from '../../src/holders/reported/reported-kinds.ts';
import type { FaultEffect } from '../../src/lab/kernel/faults.ts';
import { registryKeyNow } from '../../src/lab/kernel/roles.ts';
import { ldapsPlaces, ntdsKept, ntdsStore } from '../../src/windows/domain-controller.ts';
import { type LabBuilder, labState } from '../builders/lab.ts';
import { explore } from './explore.ts';
import { given, rebind, reconcile, undo, type World, worldOf } from './world.ts';

const allowing: Configuration = {
  ...defaultConfiguration,
  holders: { ...defaultConfiguration.holders, ldaps: { policy: 'replace' } },
};
const names = ['web01.example.com'];
const certificates = labState()
  .certificate('new', { names, notAfter: '2028-01-01T00:00:00Z' })
  .certificate('old', { names, renewedTo: 'new' })
  .certificate('other', { names });
const [old, successor, other] = ['old', 'new', 'other'].map((label) => certificates.thumbprint(label));

/** A domain controller with these certificates in the store of its service. */
function controller(builder = certificates, labels: readonly string[] = ['old']): LabBuilder {
  const entries = labels.map((label) => [`${ntdsStore}\\${builder.thumbprint(label)}`, {}] as const);
  const registry = {
    [reportedRules['ldaps-my'].there.key]: { ProductType: 'LanmanNT' },
    ...Object.fromEntries(entries),
  };
  return builder.with({ roles: { registry, classes: {} } });
}

const lab = controller();
const rebinding = (world: World, configuration = allowing) =>
  rebind(world, [given(certificates, 'old', 'new')], {}, configuration);
const inStore = ({ kernel: { state } }: World) => registryKeyNow(state, ntdsStore)?.subKeys ?? [];
/** What clients of each port get. */
async function served({ context }: World): Promise<readonly (string | null)[]> {
  const endpoints = ldapsPlaces.map((at) => ({ address: '0.0.0.0', serverName: null, ...at }));
  return Promise.all(endpoints.map(async (endpoint) => (await context.handshake(endpoint)).handshake.thumbprint));
}
const everywhere = (thumbprint: string | undefined) => ldapsPlaces.map(() => thumbprint);

describe('LDAPS of a domain controller', () => {
  it('gets its new certificate, is verified at every port, and undone', async () => {
    const world = worldOf(lab);
    const outcome = await rebinding(world);
    const [step] = outcome.steps;
    assert.deepEqual([outcome.result, step?.key, step?.state], ['rebound', ldapsKey, 'verified']);
    assert.deepEqual(
      step?.after.map(({ endpoint: { port, startTls } }) => [port, startTls]),
      [
        [636, undefined],
        [389, 'ldap'],
        [3269, undefined],
      ],
    );
    assert.deepEqual([inStore(world), await served(world)], [[successor], everywhere(successor)]);
    assert.equal((await undo(world, outcome.run, { configuration: allowing })).result, 'undone');
    assert.deepEqual([inStore(world), await served(world)], [[old], everywhere(old)]);
  });

  it('is only named where the policy reports it, with the line that moves it', async () => {
    const world = worldOf(lab);
    const { skipped } = await rebinding(world, defaultConfiguration);
    const line = 'certrebind config set holders.ldaps.policy replace';
    assert.deepEqual(
      skipped.map(({ key, reason, command }) => [key, reason, command]),
      [[ldapsKey, 'report-only', line]],
    );
    assert.deepEqual(inStore(world), [old]);
  });

  it('is left alone where it is excluded', async () => {
    const world = worldOf(lab);
    const outcome = await rebinding(world, { ...allowing, exclude: { ...allowing.exclude, holders: [ldapsKey] } });
    assert.deepEqual([outcome.steps, inStore(world)], [[], [old]]);
  });

  it('that only acknowledges gets its old certificate again, after half a minute', async () => {
    const world = worldOf(lab.switched('ldaps-ack-only', 'no-effect'));
    const begun = world.context.clock.now().getTime();
    const outcome = await rebinding(world);
    const [step] = outcome.steps;
    assert.deepEqual([outcome.exitCode, step?.state, step?.error?.code], [4, 'rolled-back', 'replace-without-effect']);
    assert.match(step?.error?.message ?? '', new RegExp(`port 636 serves ${old}, although ${successor} is set`));
    assert.equal((world.context.clock.now().getTime() - begun) / 1000, 30);
    assert.deepEqual([inStore(world), await served(world)], [[old], everywhere(old)]);
  });

  it('that chooses a third certificate gets its old one again', async () => {
    const effect = { do: 'serve', thumbprint: other ?? '' } as const;
    const world = worldOf(lab.fault({ on: { kind: 'connect', key: ldapsKey }, nth: 4, times: null, effect }));
    const outcome = await rebinding(world);
    assert.deepEqual([outcome.steps[0]?.state, inStore(world)], ['rolled-back', [old]]);
  });

  it('that takes a while is waited for', async () => {
    const effect = { do: 'serve-previous' } as const;
    const world = worldOf(lab.fault({ on: { kind: 'connect', key: ldapsKey }, nth: 4, times: 20, effect }));
    assert.equal((await rebinding(world)).steps[0]?.state, 'verified');
    assert.deepEqual(inStore(world), [successor]);
  });

  it('keeps what is only in the store of the service, for an undo', async () => {
    const builder = labState()
      .certificate('new', { names, notAfter: '2028-01-01T00:00:00Z' })
      .certificate('old', { names, store: 'NTDS' });
    const world = worldOf(controller(builder));
    const outcome = await rebind(world, [given(builder, 'old', 'new')], {}, allowing);
    assert.equal(outcome.steps[0]?.state, 'verified');
    assert.deepEqual(registryKeyNow(world.kernel.state, ntdsKept)?.subKeys, [builder.thumbprint('old')]);
    assert.equal((await undo(world, outcome.run, { configuration: allowing })).result, 'undone');
    assert.deepEqual(inStore(world), [builder.thumbprint('old')]);
  });

  it('is not changed where several certificates are in the store, and each of them counts as used', async () => {
    const world = worldOf(controller(certificates, ['old', 'other']));
    const setting = ldapsSetting(inStore(world));
    const first = setting?.thumbprint === old ? 'old' : 'other';
    const { blocked, steps } = await rebind(world, [given(certificates, first, 'new')], {}, allowing);
    assert.deepEqual([steps, blocked.map(({ reason }) => reason)], [[], ['service-unfit']]);
    assert.match(blocked[0]?.detail ?? '', /has 2 certificates/);
    assert.deepEqual([setting?.others.length, inStore(world).length], [1, 2]);
  });

  it('does not get a certificate that does not name the server', async () => {
    const builder = labState()
      .certificate('new', { names: ['shop.example.com'], notAfter: '2028-01-01T00:00:00Z' })
      .certificate('old', { names });
    const { blocked } = await rebind(worldOf(controller(builder)), [given(builder, 'old', 'new')], {}, allowing);
    assert.match(blocked[0]?.detail ?? '', /does not cover the name WEB01/);
  });

  it('has no holder where the store is empty, and is a role instead', async () => {
    const world = worldOf(controller(certificates, []));
    const { holders, roles } = await world.context.server.snapshot();
    assert.deepEqual([holders.map(({ key }) => key), roles?.map(({ kind }) => kind)], [[], ['ldaps-my']]);
    assert.deepEqual((await worldOf(lab).context.server.snapshot()).roles, []);
  });

  const failures: readonly (readonly [what: string, FaultEffect, code: string])[] = [
    ['refuses', { do: 'fail', hresult: 0x80070005, message: 'Access is denied.' }, 'replace-failed'],
    ['only says that it changed', { do: 'no-effect' }, 'replace-without-effect'],
  ];
  for (const [what, effect, code] of failures) {
    it(`keeps its old certificate where the registry ${what}`, async () => {
      const world = worldOf(lab.fault({ on: { kind: 'set-ldaps' }, nth: 1, times: 3, effect }));
      const outcome = await rebinding(world);
      assert.deepEqual([outcome.exitCode, outcome.steps[0]?.error?.code], [4, code]);
      assert.deepEqual([inStore(world), await served(world)], [[old], everywhere(old)]);
    });
  }

  it('keeps its old certificate where SYSTEM may not have it look again', async () => {
    const world = worldOf(lab.switched('ldaps-system-right', 'denied'));
    const outcome = await rebinding(world);
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.state, inStore(world)], [4, 'as-before', [old]]);
    assert.deepEqual(await served(world), everywhere(old));
  });

  it('that others change between plan and change is left so', async () => {
    const world = worldOf(lab);
    const { change } = world.context.server;
    stub(world.context.server, 'change').callsFake((changes) => {
      for (const [what, hash] of [
        ['add', other],
        ['remove', old],
      ] as const)
        world.kernel.apply({ kind: 'set-ldaps', what, hash: hash ?? '' });
      return change(changes);
    });
    const outcome = await rebinding(world);
    assert.deepEqual([outcome.steps[0]?.state, inStore(world)], ['changed-by-others', [other]]);
  });

  for (const at of [1, 2, 3])
    it(`is whole after the next start where the run ended at piece ${at} of the change`, async () => {
      const world = worldOf(lab.fault({ on: { kind: 'set-ldaps' }, nth: at, effect: { do: 'die', after: true } }));
      await rebinding(world);
      await reconcile(world, {}, allowing);
      assert.deepEqual(await world.state.unfinishedRuns(), []);
      const [held, ...others] = inStore(world);
      assert.deepEqual([others, await served(world)], [[], everywhere(held)]);
    });

  it('holds one certificate after any kill, and the next start brings the run to its end', async () => {
    const states = await explore(
      {
        prepare: async () => worldOf(lab),
        act: (world) => rebinding(world),
        check: async (world, when) => {
          assert.deepEqual([inStore(world), await served(world)], [[successor], everywhere(successor)], when);
          assert.deepEqual(await world.state.unfinishedRuns(), [], when);
        },
      },
      2,
    );
    assert(states >= 10, `only ${states} states`);
  });
});
