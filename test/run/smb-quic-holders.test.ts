import assert from 'node:assert/strict';
import { stub } from 'sinon';
import { type Configuration, defaultConfiguration } from '../../src/documents/configuration.ts';
import { smbQuicKey } from '../../src/holders/smb-quic/smb-quic.ts';
import { smbMapping } from '../../src/lab/host/sample-roles.ts';
import type { FaultEffect } from '../../src/lab/kernel/faults.ts';
import { classNow } from '../../src/lab/kernel/roles.ts';
import { type LabBuilder, labState } from '../builders/lab.ts';
import { explore } from './explore.ts';
import { given, rebind, undo, type World, worldOf } from './world.ts';

const swapping: Configuration = {
  ...defaultConfiguration,
  holders: { ...defaultConfiguration.holders, 'smb-quic': { policy: 'replace' } },
};
const name = 'files.example.com';
const key = smbQuicKey(name);
const smb = 'root/Microsoft/Windows/SMB';
const mappings = 'MSFT_SmbServerCertificateMapping';

const certificates = labState()
  .certificate('new', { names: [name], notAfter: '2028-01-01T00:00:00Z' })
  .certificate('old', { names: [name], renewedTo: 'new' })
  .certificate('other', { names: [name] });
const [old, successor, other] = ['old', 'new', 'other'].map((label) => certificates.thumbprint(label));

/** A server with nothing but SMB over QUIC on the old certificate, with options that are not those of Windows. */
function smbLab(enabled = 'True', builder = certificates): LabBuilder {
  const classes = {
    [`${smb}:${mappings}`]: [smbMapping(name, builder.thumbprint('old'))],
    [`${smb}:MSFT_SmbServerConfiguration`]: [{ EnableSMBQUIC: enabled }],
  };
  return builder.with({ roles: { registry: {}, classes } });
}

const lab = smbLab();
const rebinding = (world: World, configuration = swapping) =>
  rebind(world, [given(certificates, 'old', 'new')], {}, configuration);
const mapping = ({ kernel: { state } }: World) => classNow(state, smb, mappings)?.[0];
const on = { kind: 'set-smb-quic' } as const;

describe('SMB over QUIC', () => {
  for (const position of ['kept', 'reset'] as const) {
    it(`is moved with its options, verified over QUIC for its name, and undone: options not given are ${position}`, async () => {
      const world = worldOf(lab.switched('quic-mapping-params', position));
      const before = mapping(world);
      const outcome = await rebinding(world);
      const [step] = outcome.steps;
      assert.deepEqual([outcome.result, step?.key, step?.state], ['rebound', key, 'verified']);
      const endpoint = { address: '0.0.0.0', port: 443, serverName: name, startTls: 'smb' };
      assert.deepEqual(step?.after[0]?.endpoint, endpoint);
      assert.deepEqual(mapping(world), { ...before, Thumbprint: successor });
      assert.equal((await undo(world, outcome.run)).result, 'undone');
      assert.deepEqual(mapping(world), before);
    });
  }

  it('is only named where the policy reports it, and left alone where it is excluded', async () => {
    const world = worldOf(lab);
    const { skipped } = await rebinding(world, defaultConfiguration);
    assert.deepEqual(
      skipped.map((one) => [one.key, one.reason, one.command]),
      [[key, 'report-only', 'certrebind config set holders.smb-quic.policy replace']],
    );
    const exclude = { ...swapping.exclude, holders: [key] };
    const excluded = await rebinding(world, { ...swapping, exclude });
    assert.deepEqual([excluded.steps, mapping(world)?.Thumbprint], [[], old]);
  });

  it('that keeps its certificate until the server restarts is told to serve the old one, and nothing is restarted', async () => {
    const world = worldOf(lab.switched('quic-takes-effect', 'after-restart'));
    const outcome = await rebinding(world);
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.state], [5, 'still-old']);
    assert.equal(mapping(world)?.Thumbprint, successor);
    world.kernel.apply({ kind: 'boot' });
    const { handshake } = await world.context.handshake({ address: '*', port: 443, serverName: name, startTls: 'smb' });
    assert.equal(handshake.thumbprint, successor);
  });

  const failures: readonly (readonly [what: string, FaultEffect, code: string])[] = [
    ['refuses', { do: 'fail', hresult: 0x80070057, message: 'The parameter is incorrect.' }, 'replace-failed'],
    ['only says that it changed', { do: 'no-effect' }, 'replace-without-effect'],
  ];
  for (const [what, effect, code] of failures) {
    it(`keeps the old certificate where Windows ${what}`, async () => {
      const world = worldOf(lab.fault({ on, effect }));
      const before = mapping(world);
      const outcome = await rebinding(world);
      assert.deepEqual([outcome.exitCode, outcome.steps[0]?.error?.code], [4, code]);
      assert.deepEqual(mapping(world), before);
    });
  }

  it('gets its options again where Windows loses them once', async () => {
    const world = worldOf(lab.fault({ on, effect: { do: 'lose-options' } }));
    const before = mapping(world);
    const outcome = await rebinding(world);
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.state], [0, 'verified']);
    assert.deepEqual(mapping(world), { ...before, Thumbprint: successor });
  });

  it('is told to have lost its options where Windows loses them each time', async () => {
    const world = worldOf(lab.fault({ on, times: null, effect: { do: 'lose-options' } }));
    const outcome = await rebinding(world);
    const [step] = outcome.steps;
    assert.deepEqual([outcome.exitCode, step?.state, step?.error?.code], [5, 'rollback-failed', 'options-lost']);
    assert.match(step?.error?.message ?? '', /The change lost Flags, RequireClientAuthentication/);
    assert.equal(mapping(world)?.Thumbprint, old);
  });

  it('that others change between plan and change is left so', async () => {
    const world = worldOf(lab);
    const { change } = world.context.server;
    stub(world.context.server, 'change').callsFake((changes) => {
      world.kernel.apply({ kind: 'set-smb-quic', name, hash: other ?? '', store: 'My', options: {} });
      return change(changes);
    });
    const outcome = await rebinding(world);
    assert.equal(outcome.steps[0]?.state, 'changed-by-others');
    assert.equal(mapping(world)?.Thumbprint, other);
  });

  it('whose new certificate cannot be served gets the old one again', async () => {
    const world = worldOf(lab.fault({ on: { kind: 'connect', key }, nth: 2, times: 20, effect: { do: 'refuse' } }));
    const before = mapping(world);
    const outcome = await rebinding(world);
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.state], [4, 'rolled-back']);
    assert.deepEqual(mapping(world), before);
  });

  it('that is disabled is moved, and counts as untested', async () => {
    const world = worldOf(smbLab('False'));
    const outcome = await rebinding(world);
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.state], [0, 'untested']);
    assert.equal(mapping(world)?.Thumbprint, successor);
  });

  it('takes certificates for its name, and from the store My only', async () => {
    const elsewhere = labState()
      .certificate('new', { names: ['other.example.com'], notAfter: '2028-01-01T00:00:00Z', store: 'WebHosting' })
      .certificate('old', { names: [name], renewedTo: 'new' });
    const world = worldOf(smbLab('True', elsewhere));
    const outcome = await rebind(world, [given(elsewhere, 'old', 'new')], {}, swapping);
    assert.deepEqual(
      outcome.blocked.map(({ reason }) => reason),
      ['wrong-store'],
    );
    assert.equal(mapping(world)?.Thumbprint, elsewhere.thumbprint('old'));
  });

  it('serves nobody who asks for a name without a mapping', async () => {
    const { context } = worldOf(lab);
    for (const serverName of ['other.example.com', null]) {
      const { handshake } = await context.handshake({ address: '*', port: 443, serverName, startTls: 'smb' });
      assert.equal(handshake.result, 'unreachable');
    }
  });

  it('holds one certificate or the other after any kill, and the next start brings the run to its end', async () => {
    const states = await explore(
      {
        prepare: async () => worldOf(lab),
        act: (world) => rebinding(world),
        check: async (world, when) => {
          assert.equal(mapping(world)?.Thumbprint, successor, when);
          assert.deepEqual(await world.state.unfinishedRuns(), [], when);
        },
      },
      2,
    );
    assert(states >= 10, `only ${states} states`);
  });
});
