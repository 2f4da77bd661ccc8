import assert from 'node:assert/strict';
import { type Configuration, defaultConfiguration } from '../../src/documents/configuration.ts';
import { networkService } from '../../src/holders/key-access/key-access.ts';
import {
  brokerService,
  gatewayClass,
  gatewayConnections,
  gatewayKey,
  gatewayService,
  terminalServices,
} from '../../src/holders/rd-gateway/rd-gateway.ts';
import { iisAppId } from '../../src/holders/tls/tls-record.ts';
import { statusOf } from '../../src/inspect/status/server-status.ts';
import { usageOf } from '../../src/inspect/usage/usage.ts';
import type { FaultEffect } from '../../src/lab/kernel/faults.ts';
import { readsKey } from '../../src/lab/kernel/holders/key-access.ts';
import { gatewayObjects, usedNow } from '../../src/lab/kernel/holders/rd-gateway.ts';
import type { RegistryValues } from '../../src/lab/kernel/lab-state.ts';
import { serviceNow } from '../../src/lab/kernel/services.ts';
import type { Switches } from '../../src/lab/kernel/switches.ts';
import type { Handshaker } from '../../src/run/context.ts';
import { type LabBuilder, labState } from '../builders/lab.ts';
import { https, sni } from '../builders/snapshot.ts';
import { factsOf, wireOf } from '../inspect/findings/facts.ts';
import { explore } from './explore.ts';
import { given, holdings, rebind, reconcile, undo, type World, worldOf } from './world.ts';

/** 12:00 on a Monday, when tests begin, lies in it. */
const window = { from: '10:30', to: '13:30', timeZone: 'UTC' };
const allowing: Configuration = {
  ...defaultConfiguration,
  window,
  holders: { ...defaultConfiguration.holders, 'rd-gateway': { policy: 'replace', restart: 'window' } },
};
const closed: Configuration = { ...allowing, window: { ...window, from: '01:00', to: '04:00' } };
const labels = ['old', 'new', 'other'];
const names = ['rds.example.com', 'portal.example.com'];
const certificates = labState()
  .certificate('new', { names, notAfter: '2028-01-01T00:00:00Z' })
  .certificate('old', { names, renewedTo: 'new' })
  .certificate('other');
const [old = '', successor = ''] = labels.map((label) => certificates.thumbprint(label));
const keys = ['0.0.0.0:443', '[::]:443'];
const all = (label: string) => Object.fromEntries(keys.map((key) => [key, label]));

/** A server with the gateway, whose three sessions have five channels. */
function withGateway(
  server: LabBuilder,
  {
    hash = old,
    registry = {},
    stopped = [],
  }: { hash?: string; registry?: Record<string, RegistryValues>; stopped?: readonly string[] } = {},
): LabBuilder {
  const services = 'SYSTEM\\CurrentControlSet\\Services';
  const classes = {
    [`${terminalServices}:${gatewayClass}`]: [{ CertHash: `0x${hash}`, IsConfigured: 'True' }],
    [`${terminalServices}:${gatewayConnections}`]: ['1', '1', '2', '3', '3'].map((TunnelId) => ({ TunnelId })),
  };
  const own = { [`${services}\\${gatewayService}`]: { ObjectName: 'NT AUTHORITY\\NetworkService' } };
  return server.with({ roles: { registry: { ...own, ...registry }, classes, stopped } });
}

/** As IIS writes it, with an option that a change must keep. */
const own = { appId: iisAppId, store: 'My', certCheckMode: 1 } as const;
const bound = keys.reduce((server, key) => server.record(key, 'old', own), certificates);
const site = [https('*:443:'), https('*:443:portal.example.com')];
const servers = {
  'with a site of IIS': withGateway(bound.site('Default Web Site', site)),
  alone: withGateway(bound),
} as const;
const lab = servers['with a site of IIS'];
const rebinding = (world: World, configuration = allowing) =>
  rebind(world, [given(certificates, 'old', 'new')], {}, configuration);
const isRunning = ({ kernel: { state } }: World) => serviceNow(state, gatewayService)?.state === 'started';

/** Certificate bindings, the certificate of its own setting, and the one that its service has read. */
async function standing(world: World) {
  const { state } = world.kernel;
  const hash = gatewayObjects(state)?.[0]?.CertHash?.slice(2);
  return [await holdings(world, certificates, labels), hash, usedNow(state)];
}

const optionsOf = ({ kernel: { state } }: World) =>
  JSON.stringify(state.httpSys).match(/"DefaultSslCertCheckMode":[^}]*}/g);

async function served({ context }: World): Promise<string | null> {
  const endpoint = { address: '0.0.0.0', port: 443, serverName: null, startTls: 'rdg' } as const;
  return (await context.handshake(endpoint)).handshake.thumbprint;
}

describe('Remote Desktop Gateway', () => {
  for (const [where, server] of Object.entries(servers)) {
    it(`${where} gets its new certificate, is restarted, asked for a connection, and undone`, async () => {
      const world = worldOf(server);
      const options = optionsOf(world);
      const outcome = await rebinding(world);
      const step = outcome.steps.find(({ key }) => key === gatewayKey);
      assert.deepEqual(
        [outcome.result, step?.state, outcome.blocked, outcome.skipped],
        ['rebound', 'verified', [], []],
      );
      assert.deepEqual(step?.after[0]?.endpoint, { address: '0.0.0.0', port: 443, serverName: null, startTls: 'rdg' });
      assert.equal(
        step?.after.some(({ endpoint }) => endpoint.serverName === 'portal.example.com'),
        where !== 'alone',
      );
      assert.deepEqual(step?.restarted, [{ services: [gatewayService], seconds: 0, error: null }]);
      assert.deepEqual(await standing(world), [all('new'), successor, successor]);
      assert.deepEqual([await served(world), isRunning(world), optionsOf(world)], [successor, true, options]);
      assert.equal((await undo(world, outcome.run, { configuration: allowing })).result, 'undone');
      assert.deepEqual(await standing(world), [all('old'), old, old]);
    });

    it(`${where} is in order after any kill and the next start`, async () => {
      const states = await explore(
        {
          prepare: async () => worldOf(server),
          act: (world) => rebinding(world),
          check: async (world, when) => {
            const [records, stored, used] = await standing(world);
            assert.deepEqual([isRunning(world), stored], [true, used], when);
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
  }

  const positions: readonly (readonly [name: keyof Switches, position: string])[] = [
    ['gateway-record-is-hash', 'record'],
    ['gateway-record-blocks', 'refuses'],
    ['gateway-rewrites-record', 'rewritten'],
    ['gateway-self-restart', 'at-once'],
    ['gateway-down-status', '404'],
    ['gateway-down-status', 'reset'],
  ];
  for (const [name, position] of positions) {
    it(`keeps every option, and gets the new certificate everywhere, whatever Windows does: ${name} ${position}`, async () => {
      const world = worldOf(lab.switched(name, position as never));
      const options = optionsOf(world);
      const outcome = await rebinding(world);
      assert.equal(outcome.result, 'rebound');
      assert.deepEqual(await standing(world), [all('new'), successor, successor]);
      assert.deepEqual([await served(world), optionsOf(world)], [successor, options]);
      assert.equal((await undo(world, outcome.run, { configuration: allowing })).result, 'undone');
      assert.deepEqual(await standing(world), [all('old'), old, old]);
      assert.deepEqual(optionsOf(world), options);
    });
  }

  it('that SYSTEM may not change keeps its certificate and is not restarted', async () => {
    const world = worldOf(lab.switched('gateway-system-denied', 'denied'));
    const outcome = await rebinding(world);
    const [step] = outcome.steps;
    assert.deepEqual([outcome.exitCode, step?.restarted], [4, undefined]);
    assert.deepEqual(await standing(world), [all('old'), old, old]);
  });

  it('gets the right to read the new key before it has to open it', async () => {
    const world = worldOf(lab.switched('renewed-key-access', 'lost'));
    const outcome = await rebinding(world);
    assert.deepEqual(
      [outcome.result, outcome.steps.map(({ key }) => key)],
      ['rebound', [`key/${successor}`, gatewayKey]],
    );
    assert.equal(readsKey(world.kernel.state, successor, networkService), true);
    assert.equal(await served(world), successor);
  });

  it('that answers nobody after its restarts gets its old certificate again', async () => {
    const world = worldOf(lab);
    world.fault({ on: { kind: 'connect', key: gatewayKey }, nth: 2, times: 302, effect: { do: 'refuse' } });
    const outcome = await rebinding(world);
    const [step] = outcome.steps;
    assert.deepEqual([outcome.exitCode, step?.state, step?.error?.code], [4, 'rolled-back', 'restart-failed']);
    assert.deepEqual(await standing(world), [all('old'), old, old]);
    assert.equal(isRunning(world), true);
  });

  it('that answered nobody before is not changed, though sites at its port answer', async () => {
    const world = worldOf(lab);
    world.fault({ on: { kind: 'connect', key: gatewayKey }, times: null, effect: { do: 'refuse' } });
    const outcome = await rebinding(world);
    assert.deepEqual([outcome.exitCode, outcome.steps[0]?.error?.code], [4, 'service-unanswered']);
    assert.deepEqual(await standing(world), [all('old'), old, old]);
  });

  it('is changed though a site at its port answered nobody before, and answers nobody after', async () => {
    const world = worldOf(lab);
    const { handshake } = world.context;
    const silent: Handshaker = async (endpoint) => {
      const seen = await handshake(endpoint);
      if (endpoint.serverName !== 'portal.example.com') return seen;
      return { ...seen, handshake: { ...seen.handshake, result: 'unreachable', thumbprint: null } };
    };
    const outcome = await rebinding({ ...world, context: { ...world.context, handshake: silent } });
    const [step] = outcome.steps;
    assert.deepEqual([outcome.exitCode, step?.restarted?.length, step?.error ?? null], [0, 1, null]);
    assert.deepEqual(await standing(world), [all('new'), successor, successor]);
  });

  it('says before how many sessions end, and waits for the window', async () => {
    const world = worldOf(lab);
    const { blocked, result } = await rebinding(world, closed);
    assert.deepEqual(
      [result, blocked.map(({ key, reason }) => [key, reason])],
      ['waiting', [[gatewayKey, 'outside-window']]],
    );
    assert.match(blocked[0]?.detail ?? '', /Restarts TSGateway: 3 connections end\.$/);
    assert.deepEqual(await standing(world), [all('old'), old, old]);
    assert.equal((await rebinding(world, { ...closed, now: true })).result, 'rebound');
  });

  it('is left to a person where the policy is report, and its certificate binding with it', async () => {
    const world = worldOf(lab);
    const { steps, skipped, blocked } = await rebinding(world, defaultConfiguration);
    const left = Object.fromEntries(skipped.map(({ key, reason }) => [key, reason]));
    assert.deepEqual([steps, left], [[], { '[::]:443': 'other-program', [gatewayKey]: 'report-only' }]);
    assert.match(
      skipped.find(({ key }) => key === gatewayKey)?.command ?? '',
      new RegExp(`Thumbprint -Value ${successor} `),
    );
    assert.deepEqual(
      blocked.map(({ key, reason }) => [key, reason]),
      [['0.0.0.0:443', 'shared-with']],
    );
  });

  for (const [policy, configuration] of Object.entries({ report: defaultConfiguration, replace: allowing })) {
    it(`has no part in a certificate binding that names another certificate than its own setting, policy ${policy}`, async () => {
      const world = worldOf(
        withGateway(bound.site('Default Web Site', site), { hash: certificates.thumbprint('other') }),
      );
      const { result, steps, blocked } = await rebinding(world, configuration);
      assert.deepEqual([result, steps.map(({ key }) => key), blocked], ['rebound', ['0.0.0.0:443'], []]);
    });

    it(`that still names the old certificate where the binding has the new one is said so, policy ${policy}`, async () => {
      const world = worldOf(withGateway(keys.reduce((one, key) => one.record(key, 'new', own), certificates)));
      const snapshot = await world.context.server.snapshot();
      const uses = usageOf(snapshot, configuration, null).certificates.find(({ thumbprint }) => thumbprint === old);
      assert.deepEqual(
        uses?.consumers.map(({ key }) => key),
        [gatewayKey],
      );
      const { blocked, skipped } = await rebinding(world, configuration);
      const said = [...blocked, ...skipped].find(({ key }) => key === gatewayKey);
      assert.equal(said?.reason, policy === 'report' ? 'report-only' : 'service-not-restarted');
      assert.match(
        said?.detail ?? '',
        /No certificate binding 0\.0\.0\.0:443 names the certificate of its own setting/,
      );
    });
  }

  it('leaves a certificate binding of IPv6 as it would be without it, where its policy is report', async () => {
    const world = worldOf(lab);
    const warning: Configuration = { ...defaultConfiguration, guards: { 'shared-with': 'warn' } };
    const { steps, skipped, notes } = await rebinding(world, warning);
    assert.deepEqual(
      steps.map(({ key }) => key),
      ['0.0.0.0:443'],
    );
    assert.equal(skipped.find(({ key }) => key === '[::]:443')?.reason, 'other-program');
    assert.ok(notes.some(({ code }) => code === 'ipv6-record'));
  });

  it('is not held against a host name that another certificate binding answered before', async () => {
    const sites = [https('*:443:'), https('*:443:portal.example.com')];
    const server = bound
      .certificate('wild', { names: ['*.example.com'] })
      .record('*.example.com:443', 'wild', own)
      .site('Default Web Site', sites)
      .site('Wild', [sni('*.example.com')]);
    const world = worldOf(withGateway(server));
    const { exitCode, steps } = await rebinding(world);
    const step = steps.find(({ key }) => key === gatewayKey);
    assert.deepEqual([exitCode, step?.restarted?.length, step?.error ?? null], [0, 1, null]);
    assert.deepEqual((await standing(world)).slice(1), [successor, successor]);
  });

  const seen = async (server: LabBuilder, configuration: Configuration) => {
    const snapshot = await worldOf(server).context.server.snapshot();
    const facts = { ...factsOf({}), snapshot, configuration, wire: wireOf(snapshot) };
    const { places, findings } = statusOf(facts);
    const { certificates: used } = usageOf(snapshot, configuration, null);
    const handled = used
      .find(({ thumbprint }) => thumbprint === old)
      ?.consumers.map(({ key, handled }) => [key, handled]);
    return { place: places.find(({ key }) => key === keys[0]), codes: findings.map(({ code }) => code), handled };
  };
  const excluding = (exclude: Partial<Configuration['exclude']>): Configuration => ({
    ...allowing,
    exclude: { ...allowing.exclude, ...exclude },
  });

  it('has the site at its certificate binding shown as what it is: waiting, old, excluded or handled with it', async () => {
    const waiting = await seen(lab, closed);
    assert.deepEqual([waiting.place?.state, waiting.place?.code], ['waiting', 'renewal-waiting']);
    const stopped = withGateway(bound.site('Default Web Site', site), { stopped: [gatewayService] });
    assert.equal((await seen(stopped, allowing)).place?.state, 'blocked');
    const both = [...site.map(() => keys[0]), gatewayKey];
    assert.deepEqual(
      (await seen(lab, allowing)).handled,
      both.map((key) => [key, true]),
    );
    for (const exclude of [{ holders: [gatewayKey] }, { sites: ['Default Web Site'] }]) {
      const { handled, codes } = await seen(lab, excluding(exclude));
      assert.deepEqual(
        handled,
        both.map((key) => [key, false]),
      );
      assert.ok(!codes.includes('renewal-pending'), JSON.stringify([exclude, codes]));
    }
  });

  for (const configuration of [defaultConfiguration, allowing])
    it(`hides nothing that is wrong with the certificate of that site, policy ${configuration.holders['rd-gateway'].policy}`, async () => {
      const expired = labState().certificate('old', { names, notAfter: '2026-05-01T00:00:00Z' });
      const server = expired.record('0.0.0.0:443', 'old', own).site('Default Web Site', site);
      const { codes, place } = await seen(withGateway(server, { hash: expired.thumbprint('old') }), configuration);
      assert.ok(codes.includes('certificate-expired'), codes.join());
      assert.equal(place?.code, 'certificate-expired');
    });

  const exclusions = [
    [{ holders: [gatewayKey] }, 'excluded'],
    [{ records: [keys[1] ?? ''] }, 'excluded'],
    [{ sites: ['default web site'] }, 'excluded'],
  ] as const;
  for (const [exclude, reason] of exclusions) {
    it(`is left alone where the configuration excludes ${Object.keys(exclude)[0]}`, async () => {
      const world = worldOf(lab);
      const outcome = await rebinding(world, { ...allowing, exclude: { ...allowing.exclude, ...exclude } as never });
      assert.deepEqual([outcome.steps, outcome.skipped.find(({ key }) => key === gatewayKey)?.reason], [[], reason]);
      assert.deepEqual(await standing(world), [all('old'), old, old]);
    });
  }

  it('does not take a name away from a site of IIS at its certificate binding', async () => {
    const narrow = labState()
      .certificate('new', { names: ['rds.example.com'], notAfter: '2028-01-01T00:00:00Z' })
      .certificate('old', { names, renewedTo: 'new' });
    const server = withGateway(narrow.record('0.0.0.0:443', 'old', own).site('Default Web Site', site), {
      hash: narrow.thumbprint('old'),
    });
    const outcome = await rebind(worldOf(server), [given(narrow, 'old', 'new')], {}, allowing);
    assert.deepEqual(
      outcome.blocked.map(({ key, reason, hosts }) => [key, reason, hosts]),
      [[gatewayKey, 'names-lost', ['portal.example.com']]],
    );
  });

  const service = 'SYSTEM\\CurrentControlSet\\Services';
  const never: readonly (readonly [what: string, LabBuilder, RegExp])[] = [
    [
      'its server is a connection broker',
      withGateway(bound, { registry: { [`${service}\\${brokerService}`]: {} } }),
      /connection broker/,
    ],
    ['it has no certificate binding', withGateway(certificates), /No certificate binding 0\.0\.0\.0:443 names/],
    ['it does not run', withGateway(bound, { stopped: [gatewayService] }), /TSGateway does not run/],
  ];
  for (const [what, server, why] of never) {
    it(`is not changed where ${what}`, async () => {
      const world = worldOf(server);
      const before = world.kernel.state.httpSys;
      const { blocked, steps } = await rebinding(world);
      const refused = blocked.find(({ key }) => key === gatewayKey);
      assert.deepEqual([steps, refused?.reason], [[], 'service-not-restarted']);
      assert.match(refused?.detail ?? '', why);
      assert.equal(world.kernel.state.httpSys, before);
    });
  }

  const failures: readonly (readonly [what: string, nth: number, FaultEffect])[] = [1, 2, 3, 4].flatMap((nth) => [
    ['refuses', nth, { do: 'fail', hresult: 0x80070005, message: 'Access is denied.' }] as const,
  ]);
  for (const [what, nth, effect] of failures) {
    it(`has everything back where WMI ${what} its call ${nth}`, async () => {
      const world = worldOf(lab.fault({ on: { kind: 'set-rd-gateway' }, nth, effect }));
      const outcome = await rebinding(world);
      assert.equal(outcome.exitCode, 4);
      assert.deepEqual(await standing(world), [all('old'), old, old]);
      assert.equal(isRunning(world), true);
    });
  }

  it('has everything back where WMI only says that it took the certificate', async () => {
    const world = worldOf(lab.fault({ on: { kind: 'set-rd-gateway' }, times: null, effect: { do: 'no-effect' } }));
    const outcome = await rebinding(world);
    assert.equal(outcome.exitCode, 4);
    assert.deepEqual(await standing(world), [all('old'), old, old]);
  });

  const inside = [
    ['netsh', 1],
    ['netsh', 2],
    ['set-rd-gateway', 2],
    ['set-rd-gateway', 3],
  ] as const;
  for (const [kind, nth] of inside) {
    it(`names one certificate everywhere again, if the server ended inside the change (${kind} ${nth})`, async () => {
      const on = kind === 'netsh' ? { kind, verb: 'update' as const } : { kind };
      const world = worldOf(lab.fault({ on, nth, effect: { do: 'die', after: true } }));
      assert.equal((await rebinding(world)).exitCode, 5);
      await reconcile(world, {}, closed);
      assert.deepEqual(await standing(world), [all('old'), old, old]);
      assert.deepEqual([isRunning(world), await world.state.unfinishedRuns()], [true, []]);
    });
  }

  for (const at of [1, 2]) {
    it(`is started first of all by the next run, if the server fell silent at order ${at} of the restart`, async () => {
      const world = worldOf(
        lab.fault({ on: { kind: 'control-service' }, nth: at, effect: { do: 'die', after: true } }),
      );
      assert.equal((await rebinding(world)).exitCode, 5);
      await reconcile(world, {}, closed);
      assert.equal(isRunning(world), true);
      const [, stored, used] = await standing(world);
      assert.deepEqual([used, await served(world)], [stored, stored]);
    });
  }
});
