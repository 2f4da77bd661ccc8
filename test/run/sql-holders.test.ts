import assert from 'node:assert/strict';
import { stub } from 'sinon';
import { type Configuration, defaultConfiguration } from '../../src/documents/configuration.ts';
import { sqlKey, sqlServers, sqlService } from '../../src/holders/sql/sql.ts';
import { ledgerEntries } from '../../src/inspect/status/ledger-entries.ts';
import { tcpConnection } from '../../src/lab/host/sample-roles.ts';
import type { FaultEffect } from '../../src/lab/kernel/faults.ts';
import { selfGenerated } from '../../src/lab/kernel/holders/sql.ts';
import type { LabRoles } from '../../src/lab/kernel/lab-state.ts';
import { sqlInstances } from '../../src/lab/kernel/roles.ts';
import { serviceNow } from '../../src/lab/kernel/services.ts';
import { CertRebindError } from '../../src/text/errors.ts';
import { type LabBuilder, labState } from '../builders/lab.ts';
import { https } from '../builders/snapshot.ts';
import { explore } from './explore.ts';
import { execute, given, rebind, reconcile, startTime, undo, type World, worldOf } from './world.ts';

/** 12:00 on a Monday, when tests begin, lies in it. */
const window = { from: '10:30', to: '13:30', timeZone: 'UTC' };
const allowing: Configuration = {
  ...defaultConfiguration,
  window,
  holders: { ...defaultConfiguration.holders, sql: { policy: 'replace', restart: 'window' } },
};
const closed: Configuration = { ...allowing, window: { ...window, from: '01:00', to: '04:00' } };
const key = sqlKey('SHOP');
const service = sqlService('SHOP');
const agent = 'SQLAgent$SHOP';
const name = 'web01.example.com';

const rsa = { names: [name], keyType: 'rsa' } as const;
const certificates = labState()
  .certificate('new', { ...rsa, notAfter: '2028-01-01T00:00:00Z' })
  .certificate('old', { ...rsa, renewedTo: 'new' })
  .certificate('other', rsa);
const [old, successor, other] = ['old', 'new', 'other'].map((label) => certificates.thumbprint(label));

/** A server with an instance of SQL Server, the agent of it, and two clients. */
function sqlLab(builder = certificates, parts: LabRoles['registry'] = {}, others: Partial<LabRoles> = {}): LabBuilder {
  const settings = `${sqlServers}\\MSSQL16.SHOP\\MSSQLServer\\SuperSocketNetLib`;
  const services = 'SYSTEM\\CurrentControlSet\\Services';
  const registry: LabRoles['registry'] = {
    [`${sqlServers}\\Instance Names\\SQL`]: { SHOP: 'MSSQL16.SHOP' },
    [settings]: { Certificate: builder.thumbprint('old').toLowerCase() },
    [`${settings}\\Tcp`]: { Enabled: 1, ListenOnAllIPs: 1 },
    [`${settings}\\Tcp\\IPAll`]: { TcpPort: '', TcpDynamicPorts: '49742' },
    [`${services}\\${service}`]: { ObjectName: `NT Service\\${service}` },
    [`${services}\\${agent}`]: { DependOnService: service },
    ...parts,
  };
  const classes = { 'root/StandardCimv2:MSFT_NetTCPConnection': [tcpConnection(49742), tcpConnection(49742)] };
  return builder.with({ roles: { registry, classes, ...others } });
}

const lab = sqlLab();
const rebinding = (world: World, configuration = allowing) =>
  rebind(world, [given(certificates, 'old', 'new')], {}, configuration);
const held = ({ kernel: { state } }: World) => sqlInstances(state)[0]?.thumbprint;
const running = ({ kernel: { state } }: World) => [service, agent].map((one) => serviceNow(state, one)?.state);
const both = ['started', 'started'];
async function served({ context }: World): Promise<string | null> {
  const endpoint = { address: '*', port: 49742, serverName: null, startTls: 'tds' } as const;
  return (await context.handshake(endpoint)).handshake.thumbprint;
}

/** From now on it starts with this certificate no more. */
const unfit = (world: World, label: string) =>
  world.kernel.apply({ kind: 'set-key', thumbprint: certificates.thumbprint(label), key: 'unusable' });

describe('SQL Server', () => {
  it('gets its new certificate in the window, is restarted with its agent, verified, and undone', async () => {
    const world = worldOf(lab);
    const outcome = await rebinding(world);
    const [step] = outcome.steps;
    assert.deepEqual([outcome.result, step?.key, step?.state], ['rebound', key, 'verified']);
    assert.deepEqual(step?.after[0]?.endpoint, { address: '0.0.0.0', port: 49742, serverName: null, startTls: 'tds' });
    assert.deepEqual(step?.restarted, [{ services: [agent, service], seconds: 0, error: null }]);
    assert.deepEqual([held(world), await served(world), running(world)], [successor, successor, both]);
    assert.equal((await undo(world, outcome.run, { configuration: allowing })).result, 'undone');
    assert.deepEqual([held(world), await served(world), running(world)], [old, old, both]);
  });

  it('says before what a restart costs, and waits for the window, for no deadline', async () => {
    const world = worldOf(lab);
    world.later(Date.parse('2026-12-30T12:00:00Z') - Date.parse('2026-06-01T12:00:00Z'));
    const { blocked, result } = await rebinding(world, closed);
    assert.deepEqual([result, blocked.map(({ reason }) => reason)], ['waiting', ['outside-window']]);
    assert.match(blocked[0]?.detail ?? '', /Restarts MSSQL\$SHOP, and SQLAgent\$SHOP with it: 2 connections end\.$/);
    assert.deepEqual([held(world), await served(world)], [old, old]);
    assert.equal((await rebinding(world, { ...closed, now: true })).result, 'rebound');
  });

  const silent: readonly (readonly [what: string, Partial<Configuration>, RegExp])[] = [
    [
      'the policy is report',
      { holders: defaultConfiguration.holders },
      /holders\.sql\.policy replace; .*restart window\.$/,
    ],
    [
      'no restart is allowed',
      { holders: { ...allowing.holders, sql: { policy: 'replace' } } },
      /set: certrebind config set holders\.sql\.restart window\.$/,
    ],
  ];
  for (const [what, parts, how] of silent) {
    it(`is left to a person, with whole commands, where ${what}`, async () => {
      const world = worldOf(lab);
      const { steps, skipped } = await rebinding(world, { ...allowing, ...parts });
      const line = `Set-ItemProperty 'HKLM:\\${sqlServers}\\MSSQL16.SHOP\\MSSQLServer\\SuperSocketNetLib' Certificate ${successor?.toLowerCase()} -ErrorAction Stop; Restart-Service '${service}' -Force`;
      assert.deepEqual([steps, skipped.map(({ reason, command }) => [reason, command])], [[], [['report-only', line]]]);
      assert.match(skipped[0]?.detail ?? '', how);
      assert.equal(held(world), old);
    });
  }

  it('is left to a person where there is no window, even with --now', async () => {
    const { window: _, ...anytime } = allowing;
    const { skipped } = await rebinding(worldOf(lab), { ...anytime, now: true });
    assert.match(skipped[0]?.detail ?? '', /set: a change window/);
  });

  it('is not restarted to set its certificate again', async () => {
    const { steps, skipped } = await execute(worldOf(lab), {
      wanted: { want: 'given', renewal: given(certificates, 'old', 'old'), reapply: true },
      configuration: allowing,
    });
    assert.deepEqual([steps, skipped.map(({ reason }) => reason)], [[], ['already']]);
  });

  it('is left alone where it is excluded', async () => {
    const world = worldOf(lab);
    const outcome = await rebinding(world, { ...allowing, exclude: { ...allowing.exclude, holders: [key] } });
    assert.deepEqual([outcome.steps, held(world)], [[], old]);
  });

  const groups = `${sqlServers}\\MSSQL16.SHOP\\MSSQLServer\\HADR`;
  const never: readonly (readonly [what: string, LabBuilder, RegExp])[] = [
    [
      'belongs to a cluster',
      sqlLab(certificates, { [`${sqlServers}\\MSSQL16.SHOP\\Cluster`]: {} }),
      /failover cluster/,
    ],
    ['belongs to availability groups', sqlLab(certificates, { [groups]: { HADR_Enabled: 1 } }), /availability groups/],
    ['does not run', sqlLab(certificates, {}, { stopped: [service] }), /does not run/],
    [
      'listens at no port that is known',
      sqlLab(certificates, { [`${sqlServers}\\MSSQL16.SHOP\\MSSQLServer\\SuperSocketNetLib\\Tcp`]: { Enabled: 0 } }),
      /not known where clients meet it/,
    ],
  ];
  for (const [what, server, why] of never) {
    it(`is not changed where it ${what}`, async () => {
      const world = worldOf(server);
      const { blocked, steps } = await rebinding(world);
      assert.deepEqual([steps, blocked.map(({ reason }) => reason)], [[], ['service-not-restarted']]);
      assert.match(blocked[0]?.detail ?? '', why);
      assert.equal(held(world), old);
    });
  }

  const unfits: readonly (readonly [what: string, Parameters<LabBuilder['certificate']>[1], RegExp])[] = [
    ['an elliptic key', { keyType: 'ec' }, /RSA key/],
    ['another name', { names: ['shop.example.com'] }, /does not cover the name WEB01/],
  ];
  for (const [what, parts, why] of unfits) {
    it(`does not get a certificate with ${what}`, async () => {
      const builder = labState()
        .certificate('new', { ...rsa, notAfter: '2028-01-01T00:00:00Z', ...parts })
        .certificate('old', { ...rsa, renewedTo: 'new' });
      const { blocked } = await rebind(worldOf(sqlLab(builder)), [given(builder, 'old', 'new')], {}, allowing);
      assert.equal(blocked[0]?.reason, 'service-unfit');
      assert.match(blocked[0]?.detail ?? '', why);
    });
  }

  it('whose service may not read the new key gets that right first', async () => {
    const world = worldOf(lab.switched('renewed-key-access', 'lost'));
    const { steps } = await rebinding(world);
    assert.deepEqual(
      steps.map((one) => [one.key, one.state]),
      [
        [`key/${successor}`, 'untested'],
        [key, 'verified'],
      ],
    );
  });

  it('that did not answer before is not changed', async () => {
    const world = worldOf(lab.fault({ on: { kind: 'connect', key }, times: null, effect: { do: 'refuse' } }));
    const outcome = await rebinding(world);
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.error?.code], [4, 'service-unanswered']);
    assert.deepEqual([held(world), running(world)], [old, both]);
  });

  for (const position of ['stops', 'self-generated'] as const) {
    it(`that cannot use its new certificate gets the old one again: it ${position}`, async () => {
      const world = worldOf(lab.switched('sql-start-refused', position));
      const { change } = world.context.server;
      stub(world.context.server, 'change').callsFake((changes) => {
        if (changes.some((one) => one.do === 'control-service')) unfit(world, 'new');
        return change(changes);
      });
      const outcome = await rebinding(world);
      const [step] = outcome.steps;
      assert.deepEqual([outcome.exitCode, step?.state, step?.error?.code], [4, 'rolled-back', 'restart-failed']);
      assert.equal(step?.restarted?.length, 2);
      assert.deepEqual([held(world), await served(world), running(world)], [old, old, both]);
    });
  }

  it('that starts with neither certificate makes one itself, and the next run in the window tries the old one again', async () => {
    const world = worldOf(lab);
    const { change } = world.context.server;
    const faked = stub(world.context.server, 'change').callsFake((changes) => {
      if (changes.some((one) => one.do === 'control-service')) for (const label of ['new', 'old']) unfit(world, label);
      return change(changes);
    });
    const outcome = await rebinding(world);
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.state], [5, 'rollback-failed']);
    assert.match(outcome.steps[0]?.error?.message ?? '', /started with one that it makes itself/);
    assert.deepEqual([held(world), await served(world), running(world)], [null, selfGenerated, both]);
    faked.restore();
    world.kernel.apply({ kind: 'set-key', thumbprint: old ?? '', key: 'usable' });
    await reconcile(world, {}, closed);
    assert.equal(held(world), null);
    await reconcile(world, {}, allowing);
    assert.deepEqual([held(world), await served(world), running(world)], [old, old, both]);
  });

  const failures: readonly (readonly [what: string, FaultEffect, code: string])[] = [
    ['refuses', { do: 'fail', hresult: 0x80070005, message: 'Access is denied.' }, 'replace-failed'],
    ['only says that it changed', { do: 'no-effect' }, 'replace-without-effect'],
  ];
  for (const [what, effect, code] of failures) {
    it(`is not restarted where the registry ${what}`, async () => {
      const world = worldOf(lab.fault({ on: { kind: 'set-role-value' }, effect }));
      const outcome = await rebinding(world);
      const [step] = outcome.steps;
      assert.deepEqual([outcome.exitCode, step?.error?.code, step?.restarted], [4, code, undefined]);
      assert.equal(held(world), old);
    });
  }

  it('that does not stop goes on with the old certificate', async () => {
    const effect = { do: 'fail', hresult: 0x8007041b, message: 'It does not stop.' } as const;
    const world = worldOf(lab.fault({ on: { kind: 'control-service' }, nth: 2, times: 1, effect }));
    const outcome = await rebinding(world);
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.state], [4, 'rolled-back']);
    assert.match(outcome.steps[0]?.error?.message ?? '', /The server said: It does not stop\./);
    assert.deepEqual([held(world), await served(world), running(world)], [old, old, both]);
  });

  it('that others change between plan and change is left so, and not restarted', async () => {
    const world = worldOf(
      lab.fault({ on: { kind: 'set-role-value' }, effect: { do: 'changed-by-others', thumbprint: other ?? '' } }),
    );
    const { change } = world.context.server;
    stub(world.context.server, 'change').callsFake((changes) => {
      const settings = `${sqlServers}\\MSSQL16.SHOP\\MSSQLServer\\SuperSocketNetLib`;
      world.kernel.apply({ kind: 'set-role-value', key: settings, name: 'Certificate', value: other ?? '' });
      return change(changes);
    });
    const { steps } = await rebinding(world);
    assert.deepEqual([steps[0]?.state, steps[0]?.restarted], ['changed-by-others', undefined]);
    assert.equal(held(world), other);
  });

  for (const at of [1, 2, 3, 4]) {
    it(`is started first of all by the next run, if the server fell silent at order ${at} of the restart`, async () => {
      const world = worldOf(
        lab.fault({ on: { kind: 'control-service' }, nth: at, effect: { do: 'die', after: true } }),
      );
      const outcome = await rebinding(world);
      assert.equal(outcome.exitCode, 5);
      await reconcile(world, {}, closed);
      assert.deepEqual(running(world), both);
      assert.equal(held(world), await served(world));
      assert.deepEqual(await world.state.unfinishedRuns(), []);
    });
  }

  const minute = 60_000;
  const late: readonly (readonly [what: string, at: number, ends: number | null, result: string])[] = [
    ['its task has half an hour left', 0, 30, 'rebound'],
    ['its task has less than half an hour left', 0, 30 - 1 / 60, 'waiting'],
    ['the window has half an hour left', 60, null, 'rebound'],
    ['the window has less than half an hour left', 61, null, 'waiting'],
  ];
  for (const [what, at, ends, result] of late)
    it(`is ${result === 'waiting' ? 'left to the next run in the window' : 'changed'} where ${what}`, async () => {
      const endsAt = ends === null ? null : new Date(Date.parse(startTime) + ends * minute);
      const world = worldOf(lab, { overrides: { endsAt } });
      world.later(at * minute);
      const outcome = await reconcile(world, {}, allowing);
      assert.deepEqual([outcome.exitCode, outcome.result, running(world)], [0, result, both]);
      assert.equal(held(world), result === 'waiting' ? old : successor);
      if (result !== 'waiting') return;
      const [step] = outcome.steps;
      assert.deepEqual([outcome.counts.waiting, outcome.counts.planned, step?.restarted], [1, 0, undefined]);
      assert.match(step?.error?.message ?? '', /may take 30 minutes, and less was left/);
      const [entry] = ledgerEntries(await world.state.readLedger());
      assert.deepEqual([entry?.state, entry?.reasons], ['pending', ['outside-window']]);
      assert.equal(
        (await reconcile(world, {}, { ...closed, now: true })).result,
        ends === null ? 'rebound' : 'waiting',
      );
    });

  const little = { overrides: { endsAt: new Date(Date.parse(startTime) + 20 * minute) } };
  const unhurried = (world: World): World => ({ ...world, context: { ...world.context, endsAt: null } });

  it('that has to wait for time rolls nothing back, whatever one failure would', async () => {
    const server = certificates.site('Shop', [https('*:443:')]).record('0.0.0.0:443', 'old');
    const world = worldOf(sqlLab(server), little);
    const outcome = await reconcile(world, {}, { ...allowing, undo: 'run' });
    assert.deepEqual([outcome.exitCode, outcome.result, outcome.counts.changed], [0, 'partly-rebound', 1]);
    assert.equal((await reconcile(unhurried(world), {}, { ...allowing, undo: 'run' })).result, 'rebound');
    assert.deepEqual([held(world), await served(world)], [successor, successor]);
  });

  it('that has to wait for time says nothing against the certificate of another instance', async () => {
    const settings = `${sqlServers}\\MSSQL16.WEB\\MSSQLServer\\SuperSocketNetLib`;
    const both = sqlLab(certificates, {
      [`${sqlServers}\\Instance Names\\SQL`]: { SHOP: 'MSSQL16.SHOP', WEB: 'MSSQL16.WEB' },
      [settings]: { Certificate: (old ?? '').toLowerCase() },
      [`${settings}\\Tcp`]: { Enabled: 1, ListenOnAllIPs: 1 },
      [`${settings}\\Tcp\\IPAll`]: { TcpPort: '1444', TcpDynamicPorts: '' },
      [`SYSTEM\\CurrentControlSet\\Services\\${sqlService('WEB')}`]: { ObjectName: `NT Service\\${sqlService('WEB')}` },
    });
    const world = worldOf(both, little);
    const outcome = await reconcile(world, {}, allowing);
    assert.deepEqual(
      [outcome.exitCode, outcome.result, outcome.steps.map(({ error }) => error?.code)],
      [0, 'waiting', ['no-time-left', 'no-time-left']],
    );
    assert.equal((await reconcile(unhurried(world), {}, allowing)).counts.changed, 2);
  });

  it('that a run could not start is started by the next one, however little time is left', async () => {
    const endsAt = new Date(Date.parse(startTime) + 60 * minute);
    const world = worldOf(lab, { overrides: { endsAt } });
    const { change } = world.context.server;
    const faked = stub(world.context.server, 'change').callsFake(async (changes) => {
      const isStart = changes.some((one) => one.do === 'control-service' && one.order === 'start');
      if (isStart) throw new CertRebindError('powershell-failed', { message: 'Access is denied.' });
      return change(changes);
    });
    assert.deepEqual([(await rebinding(world)).exitCode, running(world)], [5, ['stopped', 'stopped']]);
    faked.restore();
    world.later(59 * minute);
    await reconcile(world, {}, allowing);
    assert.deepEqual(running(world), both);
  });

  it('that takes four minutes to answer is waited for, and restarted once', async () => {
    const world = worldOf(lab);
    world.fault({ on: { kind: 'connect', key }, nth: 2, times: 120, effect: { do: 'refuse' } });
    const [step] = (await rebinding(world)).steps;
    assert.deepEqual(
      [step?.state, step?.restarted],
      ['verified', [{ services: [agent, service], seconds: 240, error: null }]],
    );
  });

  it('gets its new certificate in the next window after a kill at any point: nothing holds it', async () => {
    const states = await explore(
      {
        prepare: async () => worldOf(lab),
        act: (world) => reconcile(world, {}, allowing),
        check: async (world, when) => {
          assert.deepEqual([running(world), held(world), await served(world)], [both, successor, successor], when);
          const [entry] = ledgerEntries(await world.state.readLedger());
          assert.deepEqual([entry?.state, entry?.rolledBack, entry?.heldAt], ['settled', undefined, undefined], when);
        },
        starts: 2,
      },
      1,
    );
    assert(states >= 10, `only ${states} states`);
  });

  it('runs after any kill and the next start, with the certificate that is set', async () => {
    const states = await explore(
      {
        prepare: async () => worldOf(lab),
        act: (world) => rebinding(world),
        check: async (world, when) => {
          assert.deepEqual(running(world), both, when);
          assert.equal(held(world), successor, when);
          assert.equal(await served(world), successor, when);
          assert.deepEqual(await world.state.unfinishedRuns(), [], when);
        },
        starts: 2,
      },
      1,
    );
    assert(states >= 10, `only ${states} states`);
  });
});

describe('an undo of SQL Server', () => {
  it('waits for the window, unless a person says --now', async () => {
    const world = worldOf(lab);
    const { run } = await rebinding(world);
    const asked = { command: 'undo', wanted: { want: 'undo', run, force: false } } as const;
    const late = await execute(world, { ...asked, configuration: closed });
    assert.deepEqual(
      late.blocked.map(({ reason }) => reason),
      ['outside-window'],
    );
    assert.equal(held(world), successor);
    const outcome = await execute(world, { ...asked, configuration: { ...closed, now: true } });
    assert.deepEqual([outcome.result, await served(world)], ['undone', old]);
  });
});
