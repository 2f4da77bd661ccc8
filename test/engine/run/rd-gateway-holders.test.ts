import assert from 'node:assert/strict';
import { type Configuration, defaultConfiguration } from '../../../src/documents/configuration.ts';
import { lookAt } from '../../../src/engine/findings/diagnose.ts';
import type { Handshaker } from '../../../src/engine/run/context.ts';
import { statusOf } from '../../../src/engine/views/server-status.ts';
import { usageOf } from '../../../src/engine/views/usage.ts';
import { gatewayKey, gatewayService } from '../../../src/kinds/rd-gateway/rd-gateway.ts';
import { type LabBuilder, labState } from '../../builders/lab.ts';
import { met } from '../../builders/met.ts';
import { sni } from '../../builders/snapshot.ts';
import { each } from '../../support/each.ts';
import { factsOf, wireOf } from '../findings/facts.ts';
import {
  certificates,
  certificatesWith,
  excluding,
  gatewayOwn,
  gatewaySite,
  kindWorlds,
  played,
  withGateway,
  withRoles,
} from './kind-worlds.ts';
import { given, rebind, worldOf } from './world.ts';

const world = kindWorlds['rd-gateway'];
const { lab, allowing, closed, rebinding, standing, named, all } = played('rd-gateway');
const old = certificates.thumbprint('old');
const [ipv4, ipv6] = ['0.0.0.0:443', '[::]:443'];
const site = 'Default Web Site';
const policies = Object.entries({ report: defaultConfiguration, replace: allowing });

/** A gateway at certificate bindings of this certificate, which its own setting names or not, and at no site. */
const boundTo = (label: string, setting: string) =>
  withGateway(
    world.records?.reduce((server, key) => server.record(key, label, gatewayOwn), certificates) ?? certificates,
    setting,
  );

describe('Remote Desktop Gateway', () => {
  it('is changed though a site at its port answered nobody before, and answers nobody after', async () => {
    const one = worldOf(lab);
    const { handshake } = one.context;
    const silent: Handshaker = async (endpoint) => {
      const seen = await handshake(endpoint);
      if (endpoint.serverName !== 'portal.example.com') return seen;
      return { ...seen, handshake: { ...seen.handshake, result: 'unreachable', thumbprint: null } };
    };
    const outcome = await rebinding({ ...one, context: { ...one.context, handshake: silent } });
    const [step] = outcome.steps;
    assert.deepEqual([outcome.exitCode, step?.restarted?.length, step?.error ?? null], [0, 1, null]);
    assert.deepEqual(await standing(one), all('new'));
  });

  it('is left to a person where the policy is report, and its certificate binding with it', async () => {
    const { blocked } = await rebinding(worldOf(lab), defaultConfiguration);
    assert.deepEqual(each(blocked.map(met), 'key', 'reason'), [[ipv4, 'shared-with']]);
  });

  for (const [policy, configuration] of policies) {
    it(`has no part in a certificate binding that names another certificate than its own setting, policy ${policy}`, async () => {
      const { result, steps, blocked } = await rebinding(
        worldOf(boundTo('old', 'other').site(site, gatewaySite)),
        configuration,
      );
      assert.deepEqual([result, steps.map(({ key }) => key), blocked], ['rebound', [ipv4], []]);
    });

    it(`that still names the old certificate where the binding has the new one is said so, policy ${policy}`, async () => {
      const one = worldOf(boundTo('new', 'old'));
      const snapshot = await one.context.server.snapshot();
      const uses = usageOf(snapshot, configuration, null).certificates.find(({ thumbprint }) => thumbprint === old);
      assert.deepEqual(each(uses?.consumers, 'key'), [gatewayKey]);
      const { blocked, skipped } = await rebinding(one, configuration);
      const said = [...blocked, ...skipped].find(({ key }) => key === gatewayKey);
      assert.equal(met(said).reason, policy === 'report' ? 'report-only' : 'service-not-restarted');
      assert.match(met(said).detail, /No certificate binding 0\.0\.0\.0:443 names the certificate of its own setting/);
    });
  }

  it('leaves a certificate binding of IPv6 as it would be without it, where its policy is report', async () => {
    const warning: Configuration = { ...defaultConfiguration, guards: { 'shared-with': 'warn' } };
    const { steps, skipped, notes } = await rebinding(worldOf(lab), warning);
    assert.deepEqual(each(steps, 'key'), [ipv4]);
    assert.equal(met(skipped.find(({ key }) => key === ipv6)).reason, 'other-program');
    assert.ok(notes.some(({ code }) => code === 'ipv6-record'));
  });

  it('is not held against a host name that another certificate binding answered before', async () => {
    const server = certificates
      .certificate('wild', { names: ['*.example.com'] })
      .record('*.example.com:443', 'wild', gatewayOwn)
      .site('Wild', [sni('*.example.com')]);
    const one = worldOf(world.on(server));
    const { exitCode, steps } = await rebinding(one);
    const step = steps.find(({ key }) => key === gatewayKey);
    assert.deepEqual([exitCode, step?.restarted?.length, step?.error ?? null], [0, 1, null]);
    assert.deepEqual(named(one), all('new').named);
  });

  const seen = async (server: LabBuilder, configuration: Configuration) => {
    const snapshot = await worldOf(server).context.server.snapshot();
    const facts = { ...factsOf({}), snapshot, configuration, wire: wireOf(snapshot) };
    const { places, findings } = statusOf(lookAt(facts));
    const { certificates: used } = usageOf(snapshot, configuration, null);
    const handled = used
      .find(({ thumbprint }) => thumbprint === old)
      ?.consumers.map(({ key, handled }) => [key, handled]);
    return { place: places.find(({ key }) => key === ipv4), codes: findings.map(({ code }) => code), handled };
  };

  it('has the site at its certificate binding shown as what it is: waiting, old, excluded or handled with it', async () => {
    const waiting = await seen(lab, closed);
    assert.deepEqual([waiting.place?.state, waiting.place?.code], ['waiting', 'renewal-waiting']);
    const stopped = withRoles(lab, { stopped: [gatewayService] });
    assert.equal((await seen(stopped, allowing)).place?.state, 'blocked');
    const both = [...gatewaySite.map(() => ipv4), gatewayKey];
    assert.deepEqual(
      (await seen(lab, allowing)).handled,
      both.map((key) => [key, true]),
    );
    for (const exclude of [{ holders: [gatewayKey] }, { sites: [site] }]) {
      const { handled, codes } = await seen(lab, excluding(allowing, exclude));
      assert.deepEqual(
        handled,
        both.map((key) => [key, false]),
      );
      assert.ok(!codes.includes('renewal-pending'), JSON.stringify([exclude, codes]));
    }
  });

  for (const [policy, configuration] of policies)
    it(`hides nothing that is wrong with the certificate of that site, policy ${policy}`, async () => {
      const expired = labState().certificate('old', {
        names: ['portal.example.com'],
        notAfter: '2026-05-01T00:00:00Z',
      });
      const server = expired.record('0.0.0.0:443', 'old', gatewayOwn).site(site, gatewaySite);
      const { codes, place } = await seen(withGateway(server), configuration);
      assert.ok(codes.includes('certificate-expired'), codes.join());
      assert.equal(place?.code, 'certificate-expired');
    });

  it('does not take a name away from a site of IIS at its certificate binding', async () => {
    const narrow = certificatesWith({ names: ['web01.example.com'] });
    const outcome = await rebind(worldOf(world.on(narrow)), [given(narrow, 'old', 'new')], {}, allowing);
    assert.deepEqual(each(outcome.blocked.map(met), 'key', 'reason', 'hosts'), [
      [gatewayKey, 'names-lost', ['portal.example.com']],
    ]);
  });
});
