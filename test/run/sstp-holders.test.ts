import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { spy, stub } from 'sinon';
import { type Configuration, defaultConfiguration } from '../../src/documents/configuration.ts';
import { remoteAccess, sstpAppId, sstpKey, sstpParameters, sstpService } from '../../src/holders/sstp/sstp.ts';
import type { FaultEffect } from '../../src/lab/kernel/faults.ts';
import { sstpUses } from '../../src/lab/kernel/holders/sstp.ts';
import type { RegistryValues } from '../../src/lab/kernel/lab-state.ts';
import { serviceNow } from '../../src/lab/kernel/services.ts';
import type { Switches } from '../../src/lab/kernel/switches.ts';
import { CertRebindError } from '../../src/text/errors.ts';
import { rawBinary } from '../../src/windows/raw-value.ts';
import { type LabBuilder, labState } from '../builders/lab.ts';
import { https } from '../builders/snapshot.ts';
import { explore } from './explore.ts';
import { given, holdings, rebind, reconcile, undo, type World, withState, worldOf } from './world.ts';

/** 12:00 on a Monday, when tests begin, lies in it. */
const window = { from: '10:30', to: '13:30', timeZone: 'UTC' };
const allowing: Configuration = {
  ...defaultConfiguration,
  window,
  holders: { ...defaultConfiguration.holders, sstp: { policy: 'replace', restart: 'window' } },
};
const closed: Configuration = { ...allowing, window: { ...window, from: '01:00', to: '04:00' } };
const labels = ['old', 'new', 'other'];
const certificates = labState()
  .certificate('new', { names: ['vpn.example.com'], notAfter: '2028-01-01T00:00:00Z' })
  .certificate('old', { names: ['vpn.example.com'], renewedTo: 'new' })
  .certificate('other');
const [old, successor] = labels.map((label) => certificates.thumbprint(label));
const keys = ['0.0.0.0:443', '[::]:443'];
const newHash = Buffer.from(successor ?? '', 'hex').toString('base64');
const all = (label: string) => Object.fromEntries(keys.map((key) => [key, label]));
const rasman = 'RasMan';

function hashesOf(builder: LabBuilder, label: string) {
  const found = builder.build().certificates.find(({ thumbprint }) => thumbprint === builder.thumbprint(label));
  const hash = (algorithm: string) =>
    rawBinary(
      createHash(algorithm)
        .update(Buffer.from(found?.der ?? '', 'base64'))
        .digest(),
    );
  return { SHA256CertificateHash: hash('sha256'), SHA1CertificateHash: hash('sha1') };
}

/** A server with SSTP, what needs its service, and three clients. */
function withSstp(
  server: LabBuilder,
  values: RegistryValues = {},
  stopped: readonly string[] = [],
  needed = rasman,
): LabBuilder {
  const services = 'SYSTEM\\CurrentControlSet\\Services';
  const registry = {
    [sstpParameters]: { ...hashesOf(certificates, 'old'), ...values },
    [`${services}\\${sstpService}`]: {},
    [`${services}\\${rasman}`]: { DependOnService: sstpService },
    [`${services}\\${remoteAccess}`]: { DependOnService: needed },
  };
  const classes = {
    'root/Microsoft/Windows/RemoteAccess:PS_RemoteAccessConnectionStatistics': ['a', 'b', 'c'].map((UserName) => ({
      UserName,
    })),
  };
  return server.with({ roles: { registry, classes, stopped } });
}

const own = { appId: sstpAppId, store: 'My', certCheckMode: 1 } as const;
const bound = keys.reduce((server, key) => server.record(key, 'old', own), certificates);
const modes = { default: withSstp(bound), admin: withSstp(bound, { isHashConfiguredByAdmin: 1 }) } as const;
const lab = modes.default;
const rebinding = (world: World, configuration = allowing) =>
  rebind(world, [given(certificates, 'old', 'new')], {}, configuration);
const running = ({ kernel: { state } }: World) =>
  [sstpService, rasman, remoteAccess].map((one) => serviceNow(state, one)?.state);
const every = ['started', 'started', 'started'];

/** Certificate bindings, the certificate whose hash is stored, and the one whose hash clients have to send. */
async function standing(world: World) {
  const { state } = world.kernel;
  const stored = sstpUses(state)[sstpService];
  return [await holdings(world, certificates, labels), stored, state.wire.services?.[sstpService] ?? stored];
}

async function served({ context }: World): Promise<string | null> {
  const endpoint = { address: '0.0.0.0', port: 443, serverName: null, startTls: 'sstp' } as const;
  return (await context.handshake(endpoint)).handshake.thumbprint;
}

describe('SSTP', () => {
  for (const [mode, server] of Object.entries(modes)) {
    it(`in mode ${mode} gets its new certificate, is restarted in order, asked for a tunnel, and undone`, async () => {
      const world = worldOf(server);
      const change = spy(world.context.server, 'change');
      const outcome = await rebinding(world);
      const [step] = outcome.steps;
      assert.deepEqual([outcome.result, step?.key, step?.state], ['rebound', sstpKey, 'verified']);
      assert.deepEqual(
        change.args.flat(2).flatMap((one) => (one.do === 'control-service' ? [[one.order, one.service]] : [])),
        [
          ...[remoteAccess, rasman, sstpService].map((one) => ['stop', one]),
          ...[sstpService, rasman, remoteAccess].map((one) => ['start', one]),
        ],
      );
      assert.deepEqual(step?.after[0]?.endpoint, { address: '0.0.0.0', port: 443, serverName: null, startTls: 'sstp' });
      const services = [remoteAccess, rasman, sstpService];
      assert.deepEqual(step?.restarted, [{ services, seconds: 0, error: null }]);
      assert.deepEqual(await standing(world), [all('new'), successor, successor]);
      assert.deepEqual([await served(world), running(world)], [successor, every]);
      assert.equal((await undo(world, outcome.run, { configuration: allowing })).result, 'undone');
      assert.deepEqual(await standing(world), [all('old'), old, old]);
    });

    it(`in mode ${mode} is in order after any kill and the next start`, async () => {
      const states = await explore(
        {
          prepare: async () => worldOf(server),
          act: (world) => rebinding(world),
          check: async (world, when) => {
            const [records, stored, used] = await standing(world);
            assert.deepEqual([running(world), stored, used], [every, used, stored], when);
            assert.deepEqual(records, all(stored === old ? 'old' : 'new'), when);
            assert.equal(await served(world), stored, when);
            assert.deepEqual(await world.state.unfinishedRuns(), [], when);
          },
          starts: 2,
        },
        1,
      );
      assert(states >= 10, `only ${states} states`);
    });

    for (const position of ['remote-access', 'sstp-service'] as const) {
      it(`in mode ${mode} is set up anew whichever service does that: ${position}`, async () => {
        const world = worldOf(server.switched('sstp-init-service', position));
        assert.equal((await rebinding(world)).result, 'rebound');
        assert.deepEqual(await standing(world), [all('new'), successor, successor]);
      });
    }

    it(`in mode ${mode} that answers only after a second restart gets one, and in an undo too`, async () => {
      const world = worldOf(server.switched('sstp-second-restart', 'needed'));
      const outcome = await rebinding(world);
      const [step] = outcome.steps;
      assert.deepEqual([outcome.result, step?.restarted?.length, step?.error ?? null], ['rebound', 2, null]);
      assert.match(outcome.steps[0]?.restarted?.[0]?.error ?? '', /does not answer: SSTP answers HTTP\/1\.1 404/);
      assert.equal((await undo(world, outcome.run, { configuration: allowing })).result, 'undone');
      assert.deepEqual(await standing(world), [all('old'), old, old]);
    });

    it(`in mode ${mode} that answers after no restart gets its old certificate again`, async () => {
      const world = worldOf(server);
      world.fault({ on: { kind: 'connect', key: sstpKey }, nth: 2, times: 302, effect: { do: 'refuse' } });
      const outcome = await rebinding(world);
      const [step] = outcome.steps;
      assert.deepEqual([outcome.exitCode, step?.state, step?.error?.code], [4, 'rolled-back', 'restart-failed']);
      assert.deepEqual(await standing(world), [all('old'), old, old]);
      assert.deepEqual(running(world), every);
    });
  }

  it('whose settings cannot be read after its start is restarted once more', async () => {
    const world = worldOf(lab);
    const { change, holders } = world.context.server;
    let restarts = 0;
    stub(world.context.server, 'change').callsFake((changes) => {
      restarts += changes.some((one) => one.do === 'control-service' && one.order === 'stop') ? 1 : 0;
      return change(changes);
    });
    stub(world.context.server, 'holders').callsFake(async (places) => {
      if (restarts === 1) throw new CertRebindError('powershell-failed', { message: 'Access is denied.' });
      return holders(places);
    });
    const outcome = await rebinding(world);
    const why = 'SstpSvc answers, and its settings cannot be read.';
    assert.deepEqual(
      [outcome.result, outcome.steps[0]?.restarted?.map(({ error }) => error)],
      ['rebound', [why, null]],
    );
  });

  it('is not restarted with its new certificate where that cannot be written down', async () => {
    const world = worldOf(lab);
    const openRun: World['state']['openRun'] = async (run) => {
      const journal = await world.state.openRun(run);
      const append: typeof journal.append = async (...lines) => {
        if (lines.some(({ type }) => type === 'restarting'))
          throw new CertRebindError('not-writable', { message: 'The disk is full.' });
        return journal.append(...lines);
      };
      return { ...journal, append };
    };
    const { change } = world.context.server;
    const held: unknown[] = [];
    stub(world.context.server, 'change').callsFake(async (changes) => {
      if (changes.some((one) => one.do === 'control-service' && one.order === 'stop'))
        held.push((await standing(world))[0]);
      return change(changes);
    });
    const outcome = await rebinding(withState(world, { openRun }));
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.state, held], [4, 'rolled-back', [all('old')]]);
    assert.deepEqual([await standing(world), running(world)], [[all('old'), old, old], every]);
  });

  it('is told nothing more once the server fell silent while its old certificate was set again', async () => {
    const world = worldOf(lab);
    world.fault({ on: { kind: 'connect', key: sstpKey }, nth: 2, times: null, effect: { do: 'refuse' } });
    const { change } = world.context.server;
    let [puts, later] = [0, 0];
    stub(world.context.server, 'change').callsFake(async (changes) => {
      if (puts > 1) later += 1;
      const reports = await change(changes);
      if (!changes.some((one) => one.do === 'put') || ++puts < 2) return reports;
      return reports.map((one) => ({ ...one, error: { code: 'silent', message: 'No answer in time.' } }));
    });
    const outcome = await rebinding(world);
    assert.deepEqual([outcome.exitCode, puts, later], [5, 2, 0]);
    assert.deepEqual(await world.state.unfinishedRuns(), [outcome.run]);
  });

  it('that does not store the hash of its certificate bindings gets its old certificate again', async () => {
    const world = worldOf(lab.switched('sstp-default-mode', 'keeps-hash'));
    const outcome = await rebinding(world);
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.state], [4, 'rolled-back']);
    assert.match(outcome.steps[0]?.error?.message ?? '', new RegExp(`It stored the hash of ${old} when it started`));
    assert.deepEqual(await standing(world), [all('old'), old, old]);
  });

  it('whose start takes options of a binding away gets its old certificate again, with these', async () => {
    const world = worldOf(lab);
    const before = world.kernel.state.httpSys;
    const { change } = world.context.server;
    stub(world.context.server, 'change').callsFake(async (changes) => {
      const reports = await change(changes);
      const words = `ipport=0.0.0.0:443 certhash=${successor} appid=${sstpAppId} certstorename=My verifyclientcertrevocation=enable`;
      const { httpSys } = world.kernel.state;
      if (changes.some((one) => one.do === 'control-service') && JSON.stringify(httpSys).includes(newHash))
        world.kernel.apply({ kind: 'netsh', args: ['http', 'update', 'sslcert', ...words.split(' ')] });
      return reports;
    });
    const outcome = await rebinding(world);
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.state], [4, 'rolled-back']);
    assert.match(outcome.steps[0]?.error?.message ?? '', /Its settings are not what was set before it started/);
    assert.deepEqual(world.kernel.state.httpSys, before);
  });

  it('says before what a restart costs, and waits for the window', async () => {
    const world = worldOf(lab);
    const { blocked, result } = await rebinding(world, closed);
    assert.deepEqual([result, blocked.map(({ reason }) => reason)], ['waiting', ['outside-window']]);
    assert.match(blocked[0]?.detail ?? '', /Restarts SstpSvc, and RemoteAccess, RasMan with it: 3 connections end\.$/);
    assert.deepEqual(await standing(world), [all('old'), old, old]);
    assert.equal((await rebinding(world, { ...closed, now: true })).result, 'rebound');
  });

  it('is left to a person, with a whole command, where the policy is report', async () => {
    const world = worldOf(lab);
    const { steps, skipped } = await rebinding(world, defaultConfiguration);
    const command = `Set-RemoteAccess -SslCertificate (Get-Item Cert:\\LocalMachine\\My\\${successor}) -Force`;
    assert.deepEqual(
      [steps, skipped.map((one) => [one.key, one.reason, one.command])],
      [[], [[sstpKey, 'report-only', command]]],
    );
    assert.deepEqual(await standing(world), [all('old'), old, old]);
  });

  it('is left alone where it is excluded, or one of its certificate bindings', async () => {
    for (const exclude of [{ holders: [sstpKey] }, { records: [keys[1] ?? ''] }]) {
      const world = worldOf(lab);
      const outcome = await rebinding(world, { ...allowing, exclude: { ...allowing.exclude, ...exclude } as never });
      assert.deepEqual([outcome.steps, outcome.skipped[0]?.reason], [[], 'excluded']);
    }
  });

  const foreign = { ...own, appId: '{5d8e2743-ef20-4d38-8751-7e400f200e65}' };
  const never: readonly (readonly [what: string, LabBuilder, RegExp])[] = [
    [
      'another program owns a binding',
      withSstp(bound.record('[::]:443', 'old', foreign)),
      /belongs to another program/,
    ],
    ['IIS uses a binding', withSstp(bound.site('Vpn', [https('*:443:')])), /A binding of IIS uses/],
    [
      'a binding is missing',
      withSstp(certificates.record('0.0.0.0:443', 'old', own)),
      /has no certificate binding \[::\]/,
    ],
    ['its bindings differ', withSstp(bound.record('[::]:443', 'other', own)), /do not name one certificate/],
    ['it stores another hash', withSstp(bound, hashesOf(certificates, 'other')), /do not name one certificate/],
    ['its two hashes differ', withSstp(bound, { SHA1CertificateHash: rawBinary(Buffer.alloc(20)) }), /do not name one/],
    ['RemoteAccess does not run', withSstp(bound, {}, [remoteAccess]), /RemoteAccess does not run/],
    ['RemoteAccess does not need it', withSstp(bound, {}, [], ''), /so a restart would not reach it/],
  ];
  for (const [what, server, why] of never) {
    it(`is not changed where ${what}`, async () => {
      const world = worldOf(server);
      const before = world.kernel.state.httpSys;
      const { blocked, steps } = await rebinding(world);
      const refused = blocked.find(({ key }) => key === sstpKey);
      assert.deepEqual([steps, refused?.reason], [[], 'service-not-restarted']);
      assert.match(refused?.detail ?? '', why);
      assert.equal(world.kernel.state.httpSys, before);
    });
  }

  for (const position of ['deleted', 'kept'] as const) {
    it(`is not restarted where that may delete a binding whose certificate is gone (${position})`, async () => {
      const builder = certificates.certificate('gone', { store: 'Gone' });
      const server = keys.reduce((one, key) => one.record(key, 'old', own), builder).record('192.0.2.1:443', 'gone');
      const world = worldOf(withSstp(server).switched('sstp-deletes-orphans', position));
      const { blocked, steps } = await rebinding(world);
      assert.deepEqual(steps, []);
      assert.match(blocked[0]?.detail ?? '', /The certificate of 192\.0\.2\.1:443 is not in My/);
      const orders = ['stop', 'start'] as const;
      for (const order of orders)
        for (const service of order === 'stop'
          ? [remoteAccess, rasman, sstpService]
          : [sstpService, rasman, remoteAccess])
          world.kernel.apply({ kind: 'control-service', service, order });
      assert.equal('192.0.2.1:443' in (await holdings(world, builder, labels)), position === 'kept');
    });
  }

  it('is restarted where the certificate of a binding at another port is gone: it deletes none of those', async () => {
    const builder = certificates.certificate('gone', { store: 'Gone' });
    const server = keys.reduce((one, key) => one.record(key, 'old', own), builder).record('192.0.2.1:8443', 'gone');
    const world = worldOf(withSstp(server).switched('sstp-deletes-orphans', 'deleted'));
    assert.equal((await rebinding(world)).result, 'rebound');
    assert('192.0.2.1:8443' in (await holdings(world, builder, labels)));
  });

  it('is waited for while it runs, whatever another of its services does', async () => {
    const world = worldOf(lab);
    world.fault({ on: { kind: 'connect', key: sstpKey }, nth: 2, times: 30, effect: { do: 'refuse' } });
    const { services: asked } = world.context.server;
    stub(world.context.server, 'services').callsFake(async (of) =>
      (await asked(of)).map((state, at) => (of[at] === sstpService ? state : 'stopped')),
    );
    const [step] = (await rebinding(world)).steps;
    assert.deepEqual([step?.state, step?.restarted?.length, step?.restarted?.[0]?.seconds], ['verified', 1, 60]);
  });

  it('that a killed run left stopped is started in the order in which its services need each other', async () => {
    const world = worldOf(lab.fault({ on: { kind: 'control-service' }, nth: 3, effect: { do: 'die', after: true } }));
    await rebinding(world);
    const change = spy(world.context.server, 'change');
    await reconcile(world, {}, closed);
    const [first] = change.args.flat(1).filter((changes) => changes.some((one) => one.do === 'control-service'));
    assert.deepEqual(
      first?.flatMap((one) => (one.do === 'control-service' ? [[one.order, one.service]] : [])),
      [sstpService, rasman, remoteAccess].map((one) => ['start', one]),
    );
  });

  const silent: readonly (readonly [name: keyof Switches, position: string])[] = [
    ['sstp-ports-full', 'full'],
    ['sstp-down-status', '503'],
    ['sstp-down-status', 'reset'],
  ];
  for (const [name, position] of silent) {
    it(`that answers no tunnel before is not changed: ${name} ${position}`, async () => {
      const world = worldOf(lab.switched('sstp-ports-full', 'full').switched(name, position as never));
      const outcome = await rebinding(world);
      assert.deepEqual([outcome.exitCode, outcome.steps[0]?.error?.code], [4, 'service-unanswered']);
      assert.deepEqual(await standing(world), [all('old'), old, old]);
    });
  }

  const failures: readonly (readonly [what: string, FaultEffect])[] = [
    ['refuses the hash', { do: 'fail', hresult: 0x80070005, message: 'Access is denied.' }],
    ['only says that it stored the hash', { do: 'no-effect' }],
  ];
  for (const [what, effect] of failures) {
    it(`is not restarted, and has its bindings back, where the registry ${what}`, async () => {
      const world = worldOf(modes.admin.fault({ on: { kind: 'set-sstp' }, times: null, effect }));
      const outcome = await rebinding(world);
      const [step] = outcome.steps;
      assert.deepEqual([outcome.exitCode, step?.restarted], [4, undefined]);
      assert.deepEqual(await standing(world), [all('old'), old, old]);
    });
  }

  const inside = [
    ['default', { kind: 'netsh', verb: 'update' }, 1],
    ['default', { kind: 'netsh', verb: 'update' }, 2],
    ['admin', { kind: 'netsh', verb: 'update' }, 1],
    ['admin', { kind: 'set-sstp' }, 1],
    // Where netsh has no update.
    ...(['default', 'admin'] as const).flatMap((mode) =>
      ([1, 2] as const).flatMap((nth) => [
        [mode, { kind: 'netsh', verb: 'delete' }, nth, 14393] as const,
        [mode, { kind: 'netsh', verb: 'add' }, nth, 14393] as const,
      ]),
    ),
  ] as const;
  for (const [mode, on, nth, osBuild = 20348] of inside) {
    const where = 'verb' in on ? on.verb : on.kind;
    it(`in mode ${mode} names one certificate everywhere again, if the server ended inside the change (${where} ${nth})`, async () => {
      const world = worldOf(modes[mode].with({ osBuild }).fault({ on, nth, effect: { do: 'die', after: true } }));
      assert.equal((await rebinding(world)).exitCode, 5);
      assert.notDeepEqual((await standing(world))[0], all('old'));
      await reconcile(world, {}, closed);
      assert.deepEqual(await standing(world), [all('old'), old, old]);
      assert.deepEqual([running(world), await world.state.unfinishedRuns()], [every, []]);
    });
  }

  it('that did not start again is started by the next run with all that ran before', async () => {
    const world = worldOf(lab);
    const effect = { do: 'fail', hresult: 0x8007041d, message: 'The service did not respond.' } as const;
    world.fault({ on: { kind: 'control-service' }, nth: 4, times: null, effect });
    const outcome = await rebinding(world);
    assert.deepEqual([outcome.steps[0]?.state, running(world)], ['rollback-failed', every.map(() => 'stopped')]);
    world.kernel.apply({ kind: 'disarm-faults' });
    await reconcile(world, {}, allowing);
    assert.deepEqual(running(world), every);
    assert.deepEqual(await standing(world), [all('old'), old, old]);
  });

  for (const at of [1, 2, 3, 4, 5, 6]) {
    it(`is started first of all by the next run, if the server fell silent at order ${at} of the restart`, async () => {
      const world = worldOf(
        lab.fault({ on: { kind: 'control-service' }, nth: at, effect: { do: 'die', after: true } }),
      );
      assert.equal((await rebinding(world)).exitCode, 5);
      await reconcile(world, {}, closed);
      assert.deepEqual(running(world), every);
      const [, stored, used] = await standing(world);
      assert.deepEqual([used, await served(world)], [stored, stored]);
      assert.deepEqual(await world.state.unfinishedRuns(), []);
    });
  }
});
