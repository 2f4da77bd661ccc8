import assert from 'node:assert/strict';
import { stub } from 'sinon';
import { CertRebindError } from '../../../src/base/errors.ts';
import { ledgerEntries } from '../../../src/engine/views/ledger-entries.ts';
import { sqlKey, sqlServers, sqlService } from '../../../src/kinds/sql/sql.ts';
import { selfGenerated } from '../../../src/lab/kernel/holders/sql.ts';
import type { LabCertificateParts } from '../../builders/lab.ts';
import { met } from '../../builders/met.ts';
import { https } from '../../builders/snapshot.ts';
import { explore } from './explore.ts';
import { certificates, certificatesWith, kindWorlds, played, serviceKey, sqlAgent, withRoles } from './kind-worlds.ts';
import { given, rebind, reconcile, startTime, type World, worldOf } from './world.ts';

const { lab, allowing, closed, rebinding, standing, named, running, all } = played('sql');
const key = sqlKey('SHOP');
const service = sqlService('SHOP');
const old = certificates.thumbprint('old');
const both = ['started', 'started'];

/** From now on, once a service is stopped or started, it starts with these certificates no more. */
function unfitAtRestart(one: World, ...labels: readonly string[]) {
  const { change } = one.context.server;
  return stub(one.context.server, 'change').callsFake((changes) => {
    if (changes.some((each) => each.do === 'control-service'))
      for (const label of labels)
        one.kernel.apply({ kind: 'set-key', thumbprint: certificates.thumbprint(label), key: 'unusable' });
    return change(changes);
  });
}

describe('SQL Server', () => {
  const unfits: readonly (readonly [what: string, LabCertificateParts, RegExp])[] = [
    ['an elliptic key', { keyType: 'ec' }, /RSA key/],
    ['another name', { names: ['shop.example.com'] }, /does not cover the name WEB01/],
  ];
  for (const [what, parts, why] of unfits) {
    it(`does not get a certificate with ${what}`, async () => {
      const builder = certificatesWith(parts);
      const one = worldOf(kindWorlds.sql.on(builder));
      const { blocked } = await rebind(one, [given(builder, 'old', 'new')], {}, allowing);
      assert.equal(met(blocked[0]).reason, 'service-unfit');
      assert.match(met(blocked[0]).detail, why);
    });
  }

  for (const position of ['stops', 'self-generated'] as const) {
    it(`that cannot use its new certificate gets the old one again: it ${position}`, async () => {
      const one = worldOf(lab.switched('sql-start-refused', position));
      unfitAtRestart(one, 'new');
      const outcome = await rebinding(one);
      const [step] = outcome.steps;
      assert.deepEqual([outcome.exitCode, step?.state, step?.error?.code], [4, 'rolled-back', 'restart-failed']);
      assert.equal(step?.restarted?.length, 2);
      assert.deepEqual(await standing(one), all('old'));
    });
  }

  it('that starts with neither certificate makes one itself, and the next run in the window tries the old one again', async () => {
    const one = worldOf(lab);
    const faked = unfitAtRestart(one, 'new', 'old');
    const outcome = await rebinding(one);
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.state], [5, 'rollback-failed']);
    assert.match(outcome.steps[0]?.error?.message ?? '', /started with one that it makes itself/);
    assert.deepEqual(await standing(one), { ...all('old'), named: [null], served: [selfGenerated] });
    faked.restore();
    one.kernel.apply({ kind: 'set-key', thumbprint: old, key: 'usable' });
    await reconcile(one, {}, closed);
    assert.deepEqual(named(one), [null]);
    await reconcile(one, {}, allowing);
    assert.deepEqual(await standing(one), all('old'));
  });

  it('that does not stop goes on with the old certificate', async () => {
    const effect = { do: 'fail', hresult: 0x8007041b, message: 'It does not stop.' } as const;
    const one = worldOf(lab.fault({ on: { kind: 'control-service' }, nth: 2, times: 1, effect }));
    const outcome = await rebinding(one);
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.state], [4, 'rolled-back']);
    assert.match(outcome.steps[0]?.error?.message ?? '', /The server said: It does not stop\./);
    assert.deepEqual(await standing(one), all('old'));
  });

  const minute = 60_000;
  const afterStart = (minutes: number) => new Date(Date.parse(startTime) + minutes * minute);
  const late: readonly (readonly [what: string, at: number, ends: number | null, result: string])[] = [
    ['its task has half an hour left', 0, 30, 'rebound'],
    ['its task has less than half an hour left', 0, 30 - 1 / 60, 'waiting'],
    ['the window has half an hour left', 60, null, 'rebound'],
    ['the window has less than half an hour left', 61, null, 'waiting'],
  ];
  for (const [what, at, ends, result] of late)
    it(`is ${result === 'waiting' ? 'left to the next run in the window' : 'changed'} where ${what}`, async () => {
      const one = worldOf(lab, { overrides: { endsAt: ends === null ? null : afterStart(ends) } });
      one.later(at * minute);
      const outcome = await reconcile(one, {}, allowing);
      assert.deepEqual([outcome.exitCode, outcome.result], [0, result]);
      assert.deepEqual(await standing(one), all(result === 'waiting' ? 'old' : 'new'));
      if (result !== 'waiting') return;
      const [step] = outcome.steps;
      assert.deepEqual([outcome.counts.waiting, outcome.counts.planned, step?.restarted], [1, 0, undefined]);
      assert.match(step?.error?.message ?? '', /may take 30 minutes, and less was left/);
      const [entry] = ledgerEntries(await one.state.readLedger());
      assert.deepEqual([entry?.state, entry?.reasons], ['pending', ['outside-window']]);
      const again = await reconcile(one, { overrides: { now: true } }, allowing);
      assert.equal(again.result, ends === null ? 'rebound' : 'waiting');
    });

  const little = { overrides: { endsAt: afterStart(20) } };
  const unhurried = (one: World): World => ({ ...one, context: { ...one.context, endsAt: null } });

  it('that has to wait for time rolls nothing back, whatever one failure would', async () => {
    const server = certificates.site('Shop', [https('*:443:')]).record('0.0.0.0:443', 'old');
    const one = worldOf(kindWorlds.sql.on(server), little);
    const outcome = await reconcile(one, {}, { ...allowing, undo: 'run' });
    assert.deepEqual([outcome.exitCode, outcome.result, outcome.counts.changed], [0, 'partly-rebound', 1]);
    assert.equal((await reconcile(unhurried(one), {}, { ...allowing, undo: 'run' })).result, 'rebound');
    const { served } = await standing(one);
    assert.deepEqual([named(one), served], [['new'], ['new']]);
  });

  it('that has to wait for time says nothing against the certificate of another instance', async () => {
    const settings = `${sqlServers}\\MSSQL16.WEB\\MSSQLServer\\SuperSocketNetLib`;
    const registry = {
      [`${sqlServers}\\Instance Names\\SQL`]: { SHOP: 'MSSQL16.SHOP', WEB: 'MSSQL16.WEB' },
      [settings]: { Certificate: old.toLowerCase() },
      [`${settings}\\Tcp`]: { Enabled: 1, ListenOnAllIPs: 1 },
      [`${settings}\\Tcp\\IPAll`]: { TcpPort: '1444', TcpDynamicPorts: '' },
      [serviceKey(sqlService('WEB'))]: { ObjectName: `NT Service\\${sqlService('WEB')}` },
    };
    const one = worldOf(withRoles(lab, { registry }), little);
    const outcome = await reconcile(one, {}, allowing);
    assert.deepEqual(
      [outcome.exitCode, outcome.result, outcome.steps.map(({ error }) => error?.code)],
      [0, 'waiting', ['no-time-left', 'no-time-left']],
    );
    assert.equal((await reconcile(unhurried(one), {}, allowing)).counts.changed, 2);
  });

  it('that a run could not start is started by the next one, however little time is left', async () => {
    const one = worldOf(lab, { overrides: { endsAt: afterStart(60) } });
    const { change } = one.context.server;
    const faked = stub(one.context.server, 'change').callsFake(async (changes) => {
      const isStart = changes.some((each) => each.do === 'control-service' && each.order === 'start');
      if (isStart) throw new CertRebindError('powershell-failed', { message: 'Access is denied.' });
      return change(changes);
    });
    assert.deepEqual([(await rebinding(one)).exitCode, running(one)], [5, ['stopped', 'stopped']]);
    faked.restore();
    one.later(59 * minute);
    await reconcile(one, {}, allowing);
    assert.deepEqual(running(one), both);
  });

  it('that takes four minutes to answer is waited for, and restarted once', async () => {
    const one = worldOf(lab);
    one.fault({ on: { kind: 'connect', key }, nth: 2, times: 120, effect: { do: 'refuse' } });
    const [step] = (await rebinding(one)).steps;
    assert.deepEqual(
      [step?.state, step?.restarted],
      ['verified', [{ services: [sqlAgent, service], seconds: 240, error: null }]],
    );
  });

  it('gets its new certificate in the next window after a kill at any point: nothing holds it', async () => {
    await explore(
      {
        prepare: async () => worldOf(lab),
        act: (one) => reconcile(one, {}, allowing),
        check: async (one, when) => {
          assert.deepEqual(await standing(one), all('new'), when);
          const [entry] = ledgerEntries(await one.state.readLedger());
          assert.deepEqual([entry?.state, entry?.rolledBack, entry?.heldAt], ['settled', undefined, undefined], when);
        },
        starts: 2,
      },
      1,
      10,
    );
  });
});
